use super::{Cause, Limit, Misbehaviour};
use crate::rpce::{FaultStatus, Pdu, Response, split_pdu};
use crate::wire::{DecodeError, to_usize};

/// Maximum READs that are open at the same time. Samba answers all READs for the rest of an answer, in order.
const MAX_READS: usize = 256;

/// Joins the fragments of one RPC answer, from the IOCTL and the READs after it.
///
/// Fragments have no number, and a server may answer READs in any order. The order of the fragments follows from
/// alloc_hint, the number of stub bytes left (\[MS-RPCE\] 2.2.2.6): each hint is the previous one less the bytes
/// received since. If the hints are unusable (0, which the specification allows, or growing), only one READ is open at
/// a time, and the fragments are in the order of the answers.
#[derive(Debug)]
pub(super) struct Reassembly {
    call_id: u32,
    max_bytes: usize,
    /// Stub bytes that may still come.
    bytes_left: usize,
    /// The stub, but what has been taken out.
    stub: Vec<u8>,
    /// The beginning of an incomplete PDU.
    partial: Vec<u8>,
    order: Order,
    /// Stub bytes of the first fragment. All but the last fragment have the same size.
    fragment_size: usize,
    fragments: usize,
    /// The READs that are open, or whose data is not joined yet, in the order in which they were sent.
    reads: Vec<Read>,
    end: Option<Result<(), FaultStatus>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// By hint: the number of stub bytes left, and the hint of the previous fragment.
    Hint { left: usize, last: usize },
    /// One READ at a time.
    Arrival,
}

#[derive(Debug)]
struct Read {
    message_id: u64,
    data: Option<Vec<u8>>,
}

impl Reassembly {
    /// An answer to the call `call_id` of at most `max_bytes` of stub.
    pub(super) fn new(call_id: u32, max_bytes: usize) -> Self {
        Self {
            call_id,
            max_bytes,
            bytes_left: max_bytes,
            stub: Vec::new(),
            partial: Vec::new(),
            order: Order::Arrival,
            fragment_size: 0,
            fragments: 0,
            reads: Vec::new(),
            end: None,
        }
    }

    /// Takes the output of the IOCTL: the first fragment, part of it, or more.
    pub(super) fn transceived(&mut self, data: Vec<u8>) -> Result<(), Cause> {
        self.stream(data)
    }

    /// The number of READs to send now, with `credits` available.
    pub(super) fn reads_wanted(&self, credits: u32) -> usize {
        if self.end.is_some() || !self.reads.is_empty() {
            return 0;
        }
        let wanted = match self.order {
            // In the middle of a PDU a READ returns the rest of that PDU only: its size is unknown, and so is the
            // number of READs.
            Order::Hint { left, .. } if self.partial.is_empty() => {
                left.div_ceil(self.fragment_size.max(1)).min(MAX_READS)
            }
            _ => 1,
        };
        // At least one, even without a credit: the channel sends it when a credit comes, or reports that none can.
        wanted.min(to_usize(credits)).max(1)
    }

    /// A READ has been sent.
    pub(super) fn read_sent(&mut self, message_id: u64) {
        self.reads.push(Read { message_id, data: None });
    }

    /// Takes the data of a READ.
    pub(super) fn read_answered(&mut self, message_id: u64, data: Vec<u8>) -> Result<(), Cause> {
        if let Some(read) = self.reads.iter_mut().find(|read| read.message_id == message_id) {
            read.data = Some(data);
        }
        while self.end.is_none() {
            let Some(data) = self.next_in_order() else { break };
            self.stream(data)?;
        }
        // All READs are answered and none of them is next: a fragment is missing, or came twice.
        let all_answered = self.reads.iter().all(|read| read.data.is_some());
        if self.end.is_none() && all_answered && !self.reads.is_empty() {
            return Err(GAP);
        }
        Ok(())
    }

    /// What has come of the stub so far, without what was taken before.
    pub(super) fn take_stub(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.stub)
    }

    /// Bytes that are held: the stub, and what is not part of it yet.
    pub(super) fn held_bytes(&self) -> usize {
        let reads = self.reads.iter().filter_map(|read| read.data.as_ref()).map(Vec::capacity);
        reads.fold(self.stub.capacity(), usize::saturating_add).saturating_add(self.partial.capacity())
    }

    /// The answer, once it is complete, without what was taken before.
    pub(super) fn finished(&mut self) -> Option<Result<Vec<u8>, FaultStatus>> {
        self.end.map(|end| end.map(|()| std::mem::take(&mut self.stub)))
    }

    /// Whether this READ is open.
    pub(super) fn is_open(&self, message_id: u64) -> bool {
        self.reads.iter().any(|read| read.message_id == message_id && read.data.is_none())
    }

    /// Moves the state out, and leaves an empty one.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(0, 0))
    }

    /// Whether READs are open after the end of this answer. The server would answer them with data of the next call, so
    /// that the pipe cannot be used again.
    pub(super) fn leaves_reads_open(&self) -> bool {
        self.reads.iter().any(|read| read.data.is_none())
    }

    /// The next data by hint. If a READ returned data that is not exactly one fragment, or only one READ was open, the
    /// next data in the order in which the READs were sent.
    fn next_in_order(&mut self) -> Option<Vec<u8>> {
        let by_hint = match self.order {
            Order::Hint { left, .. } if self.partial.is_empty() => self
                .reads
                .iter()
                .position(|read| read.data.as_deref().and_then(hint_of_whole_fragment) == Some(left)),
            _ => None,
        };
        let oldest_is_next = || {
            let oldest = self.reads.first()?.data.as_deref()?;
            // Alone it may have any hint: `put_in_order` refuses one that skips a fragment.
            let alone = self.reads.len() == 1;
            (alone || !self.partial.is_empty() || hint_of_whole_fragment(oldest).is_none()).then_some(0)
        };
        let index = by_hint.or_else(oldest_is_next)?;
        self.reads.remove(index).data
    }

    /// Takes the next bytes of the pipe: whole PDUs, then possibly the beginning of another.
    fn stream(&mut self, data: Vec<u8>) -> Result<(), Cause> {
        if data.is_empty() {
            // Otherwise a server could answer READ after READ with no data, without end.
            return Err(Cause::Misbehaved(Misbehaviour::EmptyRead));
        }
        let bytes = if self.partial.is_empty() {
            data
        } else {
            let mut whole = std::mem::take(&mut self.partial);
            whole.extend_from_slice(&data);
            whole
        };
        let mut rest = bytes.as_slice();
        while self.end.is_none() {
            let Some((pdu, after)) = split_pdu(rest).map_err(Cause::Malformed)? else {
                self.partial = rest.to_vec();
                return Ok(());
            };
            self.fragment(pdu)?;
            rest = after;
        }
        if rest.is_empty() { Ok(()) } else { Err(Cause::Misbehaved(Misbehaviour::BytesAfterAnswer)) }
    }

    fn fragment(&mut self, pdu: &[u8]) -> Result<(), Cause> {
        let pdu = Pdu::decode(pdu).map_err(Cause::Malformed)?;
        if pdu.call_id() != self.call_id {
            return Err(Cause::Misbehaved(Misbehaviour::OtherCall));
        }
        let response = match pdu {
            Pdu::Response(response) => response,
            Pdu::Fault(fault) => {
                self.end = Some(Err(fault.status));
                return Ok(());
            }
            Pdu::Request(_) | Pdu::Bind(_) | Pdu::BindAck(_) | Pdu::BindNak(_) => {
                return Err(Cause::Misbehaved(Misbehaviour::NotACallAnswer));
            }
        };
        if response.first != (self.fragments == 0) {
            return Err(Cause::Misbehaved(Misbehaviour::FirstFragment));
        }
        if response.stub.is_empty() && !response.last {
            return Err(Cause::Misbehaved(Misbehaviour::EmptyFragment));
        }
        self.put_in_order(&response)?;
        let Some(bytes_left) = self.bytes_left.checked_sub(response.stub.len()) else {
            return Err(Cause::Limit(Limit::AnswerBytes(self.max_bytes)));
        };
        self.bytes_left = bytes_left;
        self.stub.extend_from_slice(response.stub);
        self.fragments = self.fragments.saturating_add(1);
        if response.last {
            self.end = Some(Ok(()));
        }
        Ok(())
    }

    fn put_in_order(&mut self, response: &Response<'_>) -> Result<(), Cause> {
        let hint = to_usize(response.alloc_hint);
        let size = response.stub.len();
        self.order = match self.order {
            _ if self.fragments == 0 => {
                self.fragment_size = size;
                after(hint, size)
            }
            Order::Arrival => Order::Arrival,
            Order::Hint { left, .. } if hint == left => after(hint, size),
            // The server gives no hint (0, [MS-RPCE] 2.2.2.6), or each hint is the size of its fragment only.
            Order::Hint { last, .. } if hint == 0 || hint > last => Order::Arrival,
            // The expected fragment is missing. It must never be skipped: the entries would decode to wrong sessions.
            Order::Hint { .. } => return Err(GAP),
        };
        Ok(())
    }
}

const GAP: Cause = Cause::Misbehaved(Misbehaviour::FragmentGap);

/// The order after a fragment with this hint and `size` bytes.
fn after(hint: usize, size: usize) -> Order {
    match hint.checked_sub(size) {
        Some(left) if left > 0 => Order::Hint { left, last: hint },
        // By the hint no byte is left. If this is not the last fragment, the server counts fewer bytes than it sends:
        // ignore the hints. No READs were open at the same time, so that there was nothing to order.
        _ => Order::Arrival,
    }
}

/// The alloc_hint, if the data is exactly one fragment of a response.
fn hint_of_whole_fragment(data: &[u8]) -> Option<usize> {
    let whole: Result<Response<'_>, DecodeError> = Response::decode(data);
    whole.ok().map(|response| to_usize(response.alloc_hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpce::{Fault, fragments};

    type Complete = Result<Vec<u8>, FaultStatus>;

    const CALL: u32 = 2;
    const MAX_FRAGMENT: u16 = 1432;

    fn stub(length: usize) -> Vec<u8> {
        (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect()
    }

    fn pdus(stub: &[u8]) -> Vec<Vec<u8>> {
        fragments(stub, MAX_FRAGMENT).map(|part| part.response(CALL, 0).encode()).collect()
    }

    fn with_hints(stub: &[u8], hint: impl Fn(usize, u32) -> u32) -> Vec<Vec<u8>> {
        let parts = fragments(stub, MAX_FRAGMENT).enumerate();
        parts
            .map(|(index, part)| {
                let mut response = part.response(CALL, 0);
                response.alloc_hint = hint(index, response.alloc_hint);
                response.encode()
            })
            .collect()
    }

    /// Feeds PDUs as a server would: the first to the IOCTL, then one to each READ that is wanted, answered
    /// in the order that `shuffle` makes of each batch. Returns the outcome and the sizes of the batches.
    fn run(
        pdus: Vec<Vec<u8>>,
        shuffle: impl Fn(&mut Vec<(u64, Vec<u8>)>),
    ) -> Result<(Complete, Vec<usize>), Cause> {
        let mut answer = Reassembly::new(CALL, 1 << 20);
        let mut pdus = pdus.into_iter();
        answer.transceived(pdus.next().unwrap())?;
        let mut batches = Vec::new();
        let mut next_id = 0;
        loop {
            if let Some(outcome) = answer.finished() {
                return Ok((outcome, batches));
            }
            let wanted = answer.reads_wanted(300);
            assert!(wanted > 0, "neither finished nor reading on");
            batches.push(wanted);
            let mut batch = Vec::new();
            for _ in 0..wanted {
                answer.read_sent(next_id);
                batch.push((next_id, pdus.next().expect("a READ without an answer")));
                next_id += 1;
            }
            shuffle(&mut batch);
            for (id, data) in batch {
                answer.read_answered(id, data)?;
            }
        }
    }

    #[test]
    fn one_fragment_needs_no_read() {
        let stub = stub(100);
        assert_eq!(run(pdus(&stub), |_| ()), Ok((Ok(stub), vec![])));
    }

    #[test]
    fn reads_are_sent_all_at_once_and_may_be_answered_in_any_order() {
        let stub = stub(20_000);
        let expected = Ok((Ok(stub.clone()), vec![14]));
        assert_eq!(run(pdus(&stub), |_| ()), expected);
        assert_eq!(run(pdus(&stub), |batch| batch.reverse()), expected);
        assert_eq!(run(pdus(&stub), |batch| batch.rotate_left(5)), expected);
        // Other data for the same READs: the server dealt the fragments out in another order.
        let deal = |batch: &mut Vec<(u64, Vec<u8>)>| {
            let data: Vec<_> = batch.iter().map(|(_, data)| data.clone()).rev().collect();
            batch.iter_mut().zip(data).for_each(|(slot, data)| slot.1 = data);
        };
        assert_eq!(run(pdus(&stub), deal), expected);
    }

    #[test]
    fn no_more_reads_than_256_or_than_credits() {
        let stub = stub(600_000);
        let (outcome, batches) = run(pdus(&stub), |_| ()).unwrap();
        assert_eq!(outcome, Ok(stub.clone()));
        assert_eq!(batches, [256, 170]);
        let mut answer = Reassembly::new(CALL, 1 << 20);
        answer.transceived(pdus(&stub).remove(0)).unwrap();
        assert_eq!(answer.reads_wanted(3), 3);
        assert_eq!(answer.reads_wanted(0), 1, "the channel waits for a credit, or says that none comes");
    }

    #[test]
    fn useless_hints_mean_one_read_at_a_time() {
        let stub = stub(5_000);
        let expected = Ok((Ok(stub.clone()), vec![1, 1, 1]));
        assert_eq!(run(with_hints(&stub, |_, _| 0), |_| ()), expected, "no hints");
        assert_eq!(
            run(with_hints(&stub, |_, left| left.min(1408)), |_| ()),
            expected,
            "of each fragment alone"
        );
        assert_eq!(
            run(with_hints(&stub, |index, left| if index == 0 { left.min(9) } else { left }), |_| ()),
            expected
        );
    }

    #[test]
    fn hints_that_grow_or_end_within_a_single_read_do_no_harm() {
        let stub = stub(4_000);
        let grows = with_hints(&stub, |index, left| if index == 0 { 1408 + 1000 } else { left + 9_000 });
        assert_eq!(run(grows, |_| ()), Ok((Ok(stub.clone()), vec![1, 1])));
        let vanishes = with_hints(&stub, |index, _| if index == 0 { 1408 + 1000 } else { 0 });
        assert_eq!(run(vanishes, |_| ()), Ok((Ok(stub), vec![1, 1])));
    }

    #[test]
    fn a_gap_is_an_error() {
        let stub = stub(20_000);
        let mut repeated = pdus(&stub);
        repeated[3] = repeated[4].clone();
        assert_eq!(run(repeated, |_| ()), Err(GAP));
        let lies = with_hints(&stub, |index, left| if index == 4 { left - 8 } else { left });
        assert_eq!(run(lies, |_| ()), Err(GAP));
        // With several READs open, only hints tell the order of their answers.
        let vanish = with_hints(&stub, |index, left| if index == 0 { left } else { 0 });
        assert_eq!(run(vanish, |_| ()), Err(GAP));
        let grow = with_hints(&stub, |index, left| if index == 0 { left } else { left + 50_000 });
        assert_eq!(run(grow, |_| ()), Err(GAP));
        // The last one of several READs is alone, and its hint is looked at all the same.
        let skips = with_hints(&stub[..4_000], |index, left| if index == 2 { left - 8 } else { left });
        assert_eq!(run(skips, |_| ()), Err(GAP));
        let mut again = pdus(&stub[..4_000]);
        again[2] = again[1].clone();
        assert_eq!(run(again, |_| ()), Err(GAP));
    }

    #[test]
    fn a_byte_stream_is_read_as_well_as_messages() {
        let stub = stub(20_000);
        let all = pdus(&stub).concat();
        for cut in [1, 15, 16, 17, 1000, 1432, 1433, 3000, all.len()] {
            let chunks: Vec<Vec<u8>> = all.chunks(cut).map(<[u8]>::to_vec).collect();
            let mut answer = Reassembly::new(CALL, 1 << 20);
            let mut outcome = None;
            for (id, chunk) in (0..).zip(chunks) {
                if id == 0 {
                    answer.transceived(chunk).unwrap();
                } else {
                    answer.read_sent(id);
                    answer.read_answered(id, chunk).unwrap();
                }
                outcome = answer.finished();
            }
            assert_eq!(outcome, Some(Ok(stub.clone())), "cut to {cut}");
        }
    }

    #[test]
    fn rest_of_a_fragment_is_read_alone() {
        let pdus = pdus(&stub(20_000));
        let (begun, rest) = pdus[1].split_at(100);
        let mut answer = Reassembly::new(CALL, 1 << 20);
        answer.transceived([pdus[0].as_slice(), begun].concat()).unwrap();
        assert_eq!(answer.reads_wanted(300), 1);
        answer.read_sent(0);
        assert_eq!(answer.reads_wanted(300), 0, "not before that one is answered");
        answer.read_answered(0, rest.to_vec()).unwrap();
        assert_eq!(answer.reads_wanted(300), 13);
    }

    #[test]
    fn whole_fragment_does_not_complete_half_of_one() {
        let pdus = pdus(&stub(20_000));
        let (begun, rest) = pdus[1].split_at(100);
        let mut answer = Reassembly::new(CALL, 1 << 20);
        answer.transceived(pdus[0].clone()).unwrap();
        (0..3).for_each(|id| answer.read_sent(id));
        answer.read_answered(0, begun.to_vec()).unwrap();
        // The hint is the expected one, but the next bytes are those of READ 1.
        answer.read_answered(2, pdus[1].clone()).unwrap();
        assert_eq!(answer.fragments, 1);
        assert_eq!(answer.read_answered(1, rest.to_vec()), Err(GAP), "the same fragment again");
        assert_eq!(answer.fragments, 2);
    }

    #[test]
    fn a_fault_ends_the_answer() {
        let status = FaultStatus(0x1c01_0002);
        let fault = Fault { call_id: CALL, context_id: 0, did_not_execute: true, status }.encode();
        assert_eq!(run(vec![fault], |_| ()), Ok((Err(status), vec![])));
    }

    #[test]
    fn only_the_last_fragment_may_be_empty() {
        assert_eq!(run(pdus(&[]), |_| ()), Ok((Ok(vec![]), vec![])));
        let stub = stub(5_000);
        let mut empty = fragments(&stub, MAX_FRAGMENT).next().unwrap().response(CALL, 0);
        empty.stub = &[];
        assert_eq!(run(vec![empty.encode()], |_| ()), Err(Cause::Misbehaved(Misbehaviour::EmptyFragment)));
    }

    #[test]
    fn answer_may_have_as_many_bytes_as_the_limit() {
        let stub = stub(1_000);
        let transceived = |limit| {
            let mut answer = Reassembly::new(CALL, limit);
            answer.transceived(pdus(&stub).concat()).map(|()| answer.finished())
        };
        assert_eq!(transceived(1_000), Ok(Some(Ok(stub.clone()))));
        assert_eq!(transceived(999), Err(Cause::Limit(Limit::AnswerBytes(999))));
    }

    #[test]
    fn an_answer_stops_at_its_limit_and_at_nonsense() {
        let mut answer = Reassembly::new(CALL, 2_000);
        let mut pdus = pdus(&stub(5_000)).into_iter();
        answer.transceived(pdus.next().unwrap()).unwrap();
        answer.read_sent(0);
        let second = answer.read_answered(0, pdus.next().unwrap());
        assert_eq!(second, Err(Cause::Limit(Limit::AnswerBytes(2_000))));

        let mut answer = Reassembly::new(CALL, 2_000);
        assert!(matches!(answer.transceived(vec![]), Err(Cause::Misbehaved(_))));
        let mut answer = Reassembly::new(CALL + 1, 2_000);
        let other_call = fragments(&[1; 8], 4280).next().unwrap().response(CALL, 0).encode();
        assert!(matches!(answer.transceived(other_call), Err(Cause::Misbehaved(_))));
    }
}
