/// A method of both clients, async and blocking, that puts a question.
macro_rules! client_method {
    ($(#[$doc:meta])* $name:ident, $question:expr, $answer:ty) => {
        #[cfg(feature = "tokio")]
        impl $crate::Client {
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// As for [`ask`](Self::ask).
            pub async fn $name(&self) -> Result<$answer, $crate::Error> {
                self.ask(&$question).await
            }
        }

        impl $crate::blocking::Client {
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// As for [`ask`](Self::ask).
            pub fn $name(&self) -> Result<$answer, $crate::Error> {
                self.ask(&$question)
            }
        }
    };
}
pub(crate) use client_method;
