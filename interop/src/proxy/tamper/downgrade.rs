//! Rewriting of NEGOTIATE, so that a client ends with less security than both sides could have.

use super::{Action, Tamper};
use crate::proxy::negotiate::{Request, Response};

/// Rewrites what the client offers.
pub struct EditRequest<F>(pub F);

/// Rewrites what the server chose.
pub struct EditResponse<F>(pub F);

impl<F: FnMut(&mut Request) + Send> Tamper for EditRequest<F> {
    fn client_frame(&mut self, frame: Vec<u8>) -> Action {
        Action::Pass(match Request::parse(&frame) {
            Some(mut request) => {
                (self.0)(&mut request);
                request.build()
            }
            None => frame,
        })
    }
}

impl<F: FnMut(&mut Response) + Send> Tamper for EditResponse<F> {
    fn server_frame(&mut self, frame: Vec<u8>) -> Action {
        Action::Pass(match Response::parse(&frame) {
            Some(mut response) => {
                (self.0)(&mut response);
                response.build()
            }
            None => frame,
        })
    }
}
