/// Gives a code newtype its constants, names and texts: one line for each code, `constant = value, name, text`.
macro_rules! code_table {
    ($type:ident; $($constant:ident = $value:literal, $name:literal, $text:literal;)*) => {
        impl $type {
            $(
                #[doc = concat!("`", $name, "`: ", $text, ".")]
                pub const $constant: Self = Self($value);
            )*

            /// The name in the specification, if the code is known here.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($name),)*
                    _ => None,
                }
            }

            /// What the code means, in plain English: lower case, no full stop.
            #[must_use]
            pub const fn text(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }

            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$constant,)*];
        }
    };
}

pub(crate) use code_table;
