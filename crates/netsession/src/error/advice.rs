use super::Inner;

pub(super) fn advice(_error: &Inner) -> Option<String> {
    None
}
