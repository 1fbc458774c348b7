use super::{Progress, Query};
use crate::client::{Cause, Refusal};
use crate::rpce::FaultStatus;
use crate::srvs::{CodedResponse, RpcCall};

/// A question that one call answers: no levels, no pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneCall<C>(pub C);

impl<C> Query for OneCall<C>
where
    C: RpcCall + Clone,
    C::Response: CodedResponse,
{
    type Call = C;
    type Item = C::Response;

    fn next(&self) -> C {
        self.0.clone()
    }

    fn answered(&mut self, answer: Result<C::Response, FaultStatus>) -> Result<Progress<C::Response>, Cause> {
        match answer {
            Ok(response) if response.code().is_success() => Ok(Progress::Done(vec![response])),
            Ok(response) => Err(Cause::Refused(Refusal::Code(response.code()))),
            Err(fault) => Err(Cause::Refused(Refusal::Fault(fault))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erref::Win32Error;
    use crate::srvs::{Operation, ResponseError};

    #[derive(Clone)]
    struct Ping;

    impl RpcCall for Ping {
        const OPNUM: u16 = 99;
        const OPERATION: Operation = Operation::question("Ping", "ping");
        type Response = Win32Error;

        fn encode(&self) -> Vec<u8> {
            Vec::new()
        }

        fn decode_response(&self, _: &[u8], _: usize) -> Result<Win32Error, ResponseError> {
            Ok(Win32Error::SUCCESS)
        }
    }

    impl CodedResponse for Win32Error {
        fn code(&self) -> Win32Error {
            *self
        }
    }

    #[test]
    fn one_answer_is_the_end() {
        assert_eq!(OneCall(Ping).held_bytes(), 0, "it is read when it is complete");
        let answered = |answer| OneCall(Ping).answered(answer);
        assert_eq!(answered(Ok(Win32Error::SUCCESS)), Ok(Progress::Done(vec![Win32Error::SUCCESS])));
        let (code, fault) = (Win32Error::ACCESS_DENIED, FaultStatus::OP_RNG_ERROR);
        assert_eq!(answered(Ok(code)), Err(Cause::Refused(Refusal::Code(code))));
        assert_eq!(answered(Err(fault)), Err(Cause::Refused(Refusal::Fault(fault))));
    }
}
