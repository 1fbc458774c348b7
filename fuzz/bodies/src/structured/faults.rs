use netsession_testserver::scenario::{Fault, FaultKind, Step};

use crate::input::Input;

/// Something that the double does wrong by itself.
pub(super) fn fault(input: &mut Input<'_>) -> Fault {
    let anywhere = input.pick(&[
        Step::Negotiate,
        Step::Challenge,
        Step::LogOn,
        Step::TreeConnect,
        Step::Create,
        Step::Bind,
        Step::Validate,
        Step::Enumerate,
        Step::Read,
    ]);
    let (step, kind) = match input.u8() % 32 {
        0 => (anywhere, FaultKind::Stall),
        1 => (anywhere, FaultKind::Close),
        2 => (anywhere, FaultKind::CutOff(usize::from(input.u8()))),
        3 => (anywhere, FaultKind::ByteByByte(u64::from(input.u8() % 4))),
        4 => (anywhere, FaultKind::UnsolicitedWithoutEnd(pause(input))),
        5 => (anywhere, FaultKind::InterimWithoutEnd(pause(input))),
        6 => (anywhere, FaultKind::WrongMessageId),
        7 => (anywhere, FaultKind::NoCredits),
        8 => (anywhere, FaultKind::Interim),
        9 => (anywhere, FaultKind::BareInterim),
        10 => (anywhere, FaultKind::Unprotected),
        11 => (anywhere, FaultKind::SignedOnly),
        12 => (Step::LogOn, FaultKind::Guest),
        13 => (Step::LogOn, FaultKind::NullSession),
        14 => (Step::Bind, FaultKind::BindNak),
        15 => (Step::Bind, FaultKind::BindRejection),
        16 => (Step::Enumerate, FaultKind::RpcFault(input.pick(&[5, 0x6f7, 0x1c00_0006, 0x1c01_0002]))),
        17 => (Step::Enumerate, FaultKind::AllocHint(input.u32())),
        18 => (Step::Enumerate, FaultKind::AllocHintOff(i64::from(input.u16()) - 0x8000)),
        19 => (Step::Enumerate, FaultKind::FragmentsReversed),
        20 => (Step::Enumerate, FaultKind::FragmentMissing),
        21 => (Step::Enumerate, FaultKind::FragmentLoop),
        22 => (Step::Enumerate, FaultKind::PageWithoutProgress),
        23 => (Step::Enumerate, FaultKind::PageWithoutEntry),
        24 => (Step::Enumerate, FaultKind::PagesWithoutEnd),
        25 => (Step::Enumerate, FaultKind::Count(input.u32())),
        26 => (Step::Enumerate, FaultKind::Surrogate),
        27 => (Step::Bind, FaultKind::OtherTransferSyntax),
        _ => {
            let status =
                input.pick(&[0xc000_000d, 0xc000_00bb, 0xc000_0022, 0xc000_0034, 0xc000_0128, 0x8000_0005]);
            (anywhere, FaultKind::Status(status))
        }
    };
    let fault = Fault::new(step, kind).after(u32::from(input.u8() % 3));
    match input.u8() % 4 {
        0 => fault.in_compounds(),
        1 => fault.times(1),
        _ => fault,
    }
}

/// Milliseconds; without any it is a flood, which takes the fuzzer's time and shows nothing more.
fn pause(input: &mut Input<'_>) -> u64 {
    u64::from(input.u8()).max(1)
}
