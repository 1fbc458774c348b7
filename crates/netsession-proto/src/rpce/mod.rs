//! DCE/RPC, connection-oriented, without security of its own (C706 chapter 12, \[MS-RPCE\]).

/// The status of an RPC fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultStatus(pub u32);
