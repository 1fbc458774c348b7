use crate::rpce::{SyntaxId, Uuid};

/// The named pipe on `IPC$`, the only way to the interface (\[MS-SRVS\] 2.1).
pub const PIPE: &str = "srvsvc";

/// The interface, version 3.0 (\[MS-SRVS\] 1.9).
pub const INTERFACE: SyntaxId = SyntaxId {
    uuid: Uuid {
        data1: 0x4b32_4fc8,
        data2: 0x1670,
        data3: 0x01d3,
        data4: [0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e, 0xe1, 0x88],
    },
    major: 3,
    minor: 0,
};
