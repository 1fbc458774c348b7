//! How many sessions a second the decoder of NetrSessionEnum reads.
//!
//! `cargo bench -p netsession-benches --bench decode`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use netsession_proto::erref::Win32Error;
use netsession_proto::srvs::{Level, SessionEnumResponse, SessionInfo};

fn decode(criterion: &mut Criterion) {
    for level in [Level::L1, Level::L502] {
        let mut group = criterion.benchmark_group(format!("session_enum/level_{level}"));
        for count in [1_000_u32, 10_000, 100_000] {
            let stub = answer(level, count).encode();
            group.throughput(Throughput::Elements(u64::from(count)));
            group.bench_with_input(BenchmarkId::from_parameter(count), &stub, |bencher, stub| {
                bencher.iter(|| SessionEnumResponse::decode(black_box(stub), level, usize::MAX));
            });
        }
        group.finish();
    }
}

/// Names of the lengths that a domain has, a few of them not ASCII.
fn answer(level: Level, count: u32) -> SessionEnumResponse {
    let session = |number: u32| SessionInfo {
        client: format!(r"\\10.{}.{}.{}", number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff),
        user: Some(if number.is_multiple_of(50) {
            format!("CORP\\zoë.{number}")
        } else {
            format!("CORP\\user{number}")
        }),
        opens: Some(number % 40),
        time: Some(number),
        idle_time: Some(number % 900),
        flags: Some(0),
        client_type: Some(String::new()),
        transport: Some(r"\Device\NetbiosSmb".into()),
    };
    SessionEnumResponse {
        level,
        sessions: (0..count).map(|number| session(number).reduced_to(level)).collect(),
        total_entries: count,
        resume: Some(0),
        code: Win32Error::SUCCESS,
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
