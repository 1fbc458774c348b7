use std::fmt;

use crate::erref::code_table;

/// The status of an RPC fault (C706 appendix N.2, \[MS-RPCE\] 3.1.1.5.5).
///
/// Windows puts Win32 codes here as well, such as [`FaultStatus::ACCESS_DENIED`].
///
/// ```
/// use netsession_proto::rpce::FaultStatus;
///
/// assert_eq!(FaultStatus::OP_RNG_ERROR.to_string(), "nca_op_rng_error 0x1C010002");
/// assert_eq!(FaultStatus(0x1234).to_string(), "4660");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultStatus(pub u32);

impl fmt::Display for FaultStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            write!(f, "{name} ")?;
        }
        match self.0 {
            // A code of Win32, as `Win32Error` shows it.
            code @ ..=0xFFFF => code.fmt(f),
            code => write!(f, "0x{code:08X}"),
        }
    }
}

code_table! { FaultStatus;
    ACCESS_DENIED = 0x0000_0005, "ERROR_ACCESS_DENIED", "access is denied";
    NOT_ENOUGH_MEMORY = 0x0000_0008, "ERROR_NOT_ENOUGH_MEMORY", "there is not enough memory";
    OUTOFMEMORY = 0x0000_000E, "ERROR_OUTOFMEMORY", "there is not enough memory";
    NOT_SUPPORTED = 0x0000_0032, "ERROR_NOT_SUPPORTED", "the server does not support the request";
    INVALID_PARAMETER = 0x0000_0057, "ERROR_INVALID_PARAMETER", "the server rejects a parameter of the call";
    INVALID_LEVEL = 0x0000_007C, "ERROR_INVALID_LEVEL", "the server does not have this level of information";
    NOACCESS = 0x0000_03E6, "ERROR_NOACCESS", "an invalid memory access on the server";
    RPC_S_UNKNOWN_IF = 0x0000_06B5, "RPC_S_UNKNOWN_IF", "the server does not have the interface";
    RPC_S_SERVER_UNAVAILABLE = 0x0000_06BA, "RPC_S_SERVER_UNAVAILABLE", "the RPC server is unavailable";
    RPC_S_SERVER_TOO_BUSY = 0x0000_06BB, "RPC_S_SERVER_TOO_BUSY", "the RPC server is too busy";
    RPC_S_CALL_FAILED = 0x0000_06BE, "RPC_S_CALL_FAILED", "the remote procedure call failed";
    RPC_S_CALL_FAILED_DNE = 0x0000_06BF, "RPC_S_CALL_FAILED_DNE", "the remote procedure call failed and was not executed";
    RPC_S_PROTOCOL_ERROR = 0x0000_06C0, "RPC_S_PROTOCOL_ERROR", "an RPC protocol error";
    RPC_S_UNSUPPORTED_TRANS_SYN = 0x0000_06C2, "RPC_S_UNSUPPORTED_TRANS_SYN", "the server does not support the transfer syntax";
    RPC_S_INVALID_TAG = 0x0000_06C5, "RPC_S_INVALID_TAG", "the server does not know this variant of the call";
    RPC_S_INVALID_BOUND = 0x0000_06C6, "RPC_S_INVALID_BOUND", "the bounds of an array are wrong";
    RPC_S_PROCNUM_OUT_OF_RANGE = 0x0000_06D1, "RPC_S_PROCNUM_OUT_OF_RANGE", "the server does not have the procedure";
    RPC_S_CANNOT_SUPPORT = 0x0000_06E4, "RPC_S_CANNOT_SUPPORT", "the server does not support the operation";
    RPC_S_INTERNAL_ERROR = 0x0000_06E6, "RPC_S_INTERNAL_ERROR", "an internal error in the RPC server";
    ENUM_VALUE_OUT_OF_RANGE = 0x0000_06F5, "RPC_X_ENUM_VALUE_OUT_OF_RANGE", "the server does not know a value of the call";
    BAD_STUB_DATA = 0x0000_06F7, "RPC_X_BAD_STUB_DATA", "the server could not read the parameters of the call";
    RPC_S_CALL_CANCELLED = 0x0000_071A, "RPC_S_CALL_CANCELLED", "the remote procedure call was cancelled";
    RPC_S_COMM_FAILURE = 0x0000_071C, "RPC_S_COMM_FAILURE", "the communication failed during the call";
    RPC_S_UNSUPPORTED_AUTHN_LEVEL = 0x0000_071D, "RPC_S_UNSUPPORTED_AUTHN_LEVEL", "the server does not accept the authentication level";
    RPC_S_SEC_PKG_ERROR = 0x0000_0721, "RPC_S_SEC_PKG_ERROR", "an error in the security package";

    INT_DIV_BY_ZERO = 0x1C00_0001, "nca_s_fault_int_div_by_zero", "a division by zero on the server";
    ADDR_ERROR = 0x1C00_0002, "nca_s_fault_addr_error", "an invalid memory access on the server";
    FP_DIV_ZERO = 0x1C00_0003, "nca_s_fault_fp_div_zero", "a floating-point division by zero on the server";
    FP_UNDERFLOW = 0x1C00_0004, "nca_s_fault_fp_underflow", "a floating-point underflow on the server";
    FP_OVERFLOW = 0x1C00_0005, "nca_s_fault_fp_overflow", "a floating-point overflow on the server";
    INVALID_TAG = 0x1C00_0006, "nca_s_fault_invalid_tag", "the server does not know this variant of the call";
    INVALID_BOUND = 0x1C00_0007, "nca_s_fault_invalid_bound", "the bounds of an array are wrong";
    RPC_VERSION_MISMATCH = 0x1C00_0008, "nca_rpc_version_mismatch", "the server speaks another version of RPC";
    UNSPEC_REJECT = 0x1C00_0009, "nca_unspec_reject", "the server rejects the call and does not say why";
    BAD_ACTID = 0x1C00_000A, "nca_s_bad_actid", "the server does not know the activity";
    WHO_ARE_YOU_FAILED = 0x1C00_000B, "nca_who_are_you_failed", "the server could not ask back who is calling";
    MANAGER_NOT_ENTERED = 0x1C00_000C, "nca_manager_not_entered", "the call was not executed";
    CANCEL = 0x1C00_000D, "nca_s_fault_cancel", "the call was cancelled";
    ILL_INST = 0x1C00_000E, "nca_s_fault_ill_inst", "an illegal instruction on the server";
    FP_ERROR = 0x1C00_000F, "nca_s_fault_fp_error", "a floating-point error on the server";
    INT_OVERFLOW = 0x1C00_0010, "nca_s_fault_int_overflow", "an integer overflow on the server";
    UNSPEC = 0x1C00_0012, "nca_s_fault_unspec", "a fault on the server that it does not explain";
    REMOTE_COMM_FAILURE = 0x1C00_0013, "nca_s_fault_remote_comm_failure", "the communication of the server failed";
    PIPE_EMPTY = 0x1C00_0014, "nca_s_fault_pipe_empty", "the RPC pipe is empty";
    PIPE_CLOSED = 0x1C00_0015, "nca_s_fault_pipe_closed", "the RPC pipe is closed";
    PIPE_ORDER = 0x1C00_0016, "nca_s_fault_pipe_order", "the RPC pipes were used in the wrong order";
    PIPE_DISCIPLINE = 0x1C00_0017, "nca_s_fault_pipe_discipline", "an RPC pipe was used in the wrong way";
    PIPE_COMM_ERROR = 0x1C00_0018, "nca_s_fault_pipe_comm_error", "the communication over an RPC pipe failed";
    PIPE_MEMORY = 0x1C00_0019, "nca_s_fault_pipe_memory", "there is not enough memory for an RPC pipe";
    CONTEXT_MISMATCH = 0x1C00_001A, "nca_s_fault_context_mismatch", "the server does not know the context handle";
    REMOTE_NO_MEMORY = 0x1C00_001B, "nca_s_fault_remote_no_memory", "the server is out of memory";
    INVALID_PRES_CONTEXT_ID = 0x1C00_001C, "nca_invalid_pres_context_id", "the server does not know the presentation context";
    UNSUPPORTED_AUTHN_LEVEL = 0x1C00_001D, "nca_unsupported_authn_level", "the server does not accept the authentication level";
    INVALID_CHECKSUM = 0x1C00_001F, "nca_invalid_checksum", "the server found a wrong checksum";
    INVALID_CRC = 0x1C00_0020, "nca_invalid_crc", "the server found a wrong CRC";
    USER_DEFINED = 0x1C00_0021, "nca_s_fault_user_defined", "a fault that the interface defines itself";
    TX_OPEN_FAILED = 0x1C00_0022, "nca_s_fault_tx_open_failed", "the server could not open a transaction";
    CODESET_CONV_ERROR = 0x1C00_0023, "nca_s_fault_codeset_conv_error", "the server could not convert a character set";
    OBJECT_NOT_FOUND = 0x1C00_0024, "nca_s_fault_object_not_found", "the server does not know the object";
    NO_CLIENT_STUB = 0x1C00_0025, "nca_s_fault_no_client_stub", "there is no client stub";
    COMM_FAILURE = 0x1C01_0001, "nca_s_comm_failure", "the communication failed";
    OP_RNG_ERROR = 0x1C01_0002, "nca_op_rng_error", "the server does not implement the call";
    UNK_IF = 0x1C01_0003, "nca_unk_if", "the server does not have the interface";
    WRONG_BOOT_TIME = 0x1C01_0006, "nca_wrong_boot_time", "the server has been restarted";
    YOU_CRASHED = 0x1C01_0009, "nca_s_you_crashed", "the server takes the client for crashed";
    PROTO_ERROR = 0x1C01_000B, "nca_proto_error", "the server found an error in the protocol";
    OUT_ARGS_TOO_BIG = 0x1C01_0013, "nca_out_args_too_big", "the answer is too big for the server";
    SERVER_TOO_BUSY = 0x1C01_0014, "nca_server_too_busy", "the server is too busy";
    UNSUPPORTED_TYPE = 0x1C01_0017, "nca_unsupported_type", "the server does not support the type of the object";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_shown_with_its_name_and_number() {
        assert_eq!(FaultStatus(0x1C01_0002).to_string(), "nca_op_rng_error 0x1C010002");
        assert_eq!(FaultStatus(0x0000_06F7).to_string(), "RPC_X_BAD_STUB_DATA 1783");
        assert_eq!(FaultStatus(5).to_string(), "ERROR_ACCESS_DENIED 5");
        assert_eq!(FaultStatus(0x1234).to_string(), "4660");
    }

    #[test]
    fn names_are_unique_and_texts_are_plain() {
        let mut names: Vec<_> = FaultStatus::ALL.iter().map(|code| code.name().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FaultStatus::ALL.len());
        assert!(FaultStatus::ALL.iter().all(|code| !code.text().unwrap().ends_with('.')));
    }
}
