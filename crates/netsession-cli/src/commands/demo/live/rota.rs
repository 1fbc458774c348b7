//! Who comes and goes when: made up, and the same in every run.

use netsession_testserver::{FileInfo, SessionInfo};

/// A person who comes to a server again and again.
pub(super) struct Person {
    /// The index of the server.
    pub(super) server: usize,
    user: &'static str,
    client: &'static str,
    /// Seconds from one visit to the next.
    period: u64,
    /// Seconds that a visit lasts.
    stay: u64,
    /// Seconds of the first visit that are over when the demo begins.
    phase: u64,
    /// Minutes that the first visit had begun before that.
    minutes: u64,
    /// Seconds after which the person does something again.
    pause: u64,
    files: &'static [&'static str],
}

const fn person(
    server: usize,
    user: &'static str,
    client: &'static str,
    times: [u64; 5],
    files: &'static [&'static str],
) -> Person {
    let [period, stay, phase, minutes, pause] = times;
    Person { server, user, client, period, stay, phase, minutes, pause, files }
}

/// The administrator who looks is among them: the double would list that session with a time of 0 for ever.
pub(super) const PEOPLE: &[Person] = &[
    person(0, "admin", "127.0.0.1", [86_400, 86_400, 0, 0, 1], &[]),
    person(1, "admin", "127.0.0.1", [86_400, 86_400, 0, 0, 1], &[]),
    person(2, "admin", "127.0.0.1", [86_400, 86_400, 0, 0, 1], &[]),
    person(
        0,
        "m.keller",
        "10.20.1.17",
        [86_400, 86_400, 0, 372, 11],
        &[r"D:\projects\alpha\report.xlsx", r"D:\projects\alpha\minutes.docx", r"D:\projects\alpha\"],
    ),
    person(0, "j.okafor", "10.20.1.44", [60, 40, 5, 252, 1_500], &[r"D:\finance\2026\budget.xlsx"]),
    person(0, "t.lindqvist", "10.20.3.102", [86_400, 86_400, 0, 4_514, 250_000], &[]),
    person(
        0,
        "s.nakamura",
        "2001:db8:20::1a4",
        [37, 25, 3, 157, 40],
        &[r"D:\projects\beta\plan.mpp", r"D:\projects\beta\drawing 7.dwg"],
    ),
    person(0, "a.rossi", "10.20.1.51", [23, 9, 15, 0, 7], &[r"D:\projects\beta\drawing 7.dwg"]),
    person(
        0,
        "svc-backup",
        "10.20.9.5",
        [86_400, 86_400, 0, 12, 1],
        &[r"D:\finance\2026\budget.xlsx", r"D:\finance\archive\2019.zip", r"D:\projects\alpha\report.xlsx"],
    ),
    person(1, "m.keller", "10.20.1.17", [86_400, 86_400, 0, 365, 90], &[r"D:\projects\handbook.pdf"]),
    person(
        1,
        "l.dubois",
        "10.20.2.8",
        [31, 17, 2, 31, 13],
        &[r"D:\projects\gamma\offer.docx", r"D:\projects\gamma\prices.xlsx"],
    ),
    person(1, "k.yilmaz", "10.20.2.9", [19, 7, 14, 0, 5], &[r"D:\projects\gamma\prices.xlsx"]),
    person(1, "p.novak", "ws-0815.demo.example", [86_400, 86_400, 0, 88, 600], &[]),
    person(2, "render", "10.20.7.1", [86_400, 86_400, 0, 1_213, 1], &[r"C:\srv\media\film\scene 12.mov"]),
    person(
        2,
        "o.haddad",
        "10.20.7.23",
        [29, 13, 4, 46, 1],
        &[r"C:\srv\media\sound\take 3.wav", r"C:\srv\media\sound\take 4.wav"],
    ),
    person(2, "e.berg", "10.20.7.24", [53, 31, 40, 0, 1], &[r"C:\srv\media\film\scene 12.mov"]),
];

impl Person {
    /// The number of the visit in this second of the demo; none between two visits.
    pub(super) fn visit(&self, second: u64) -> Option<u64> {
        let time = second.saturating_add(self.phase);
        (time % self.period < self.stay).then(|| time / self.period)
    }

    pub(super) const fn user(&self) -> &'static str {
        self.user
    }

    /// As the server lists the person.
    pub(super) fn session(&self, second: u64, tells_idle: bool) -> SessionInfo {
        let time = second.saturating_add(self.phase);
        let visited = time % self.period;
        let is_first = time < self.period;
        let connected =
            if is_first { self.minutes.saturating_mul(60).saturating_add(visited) } else { visited };
        let idle = if tells_idle { connected.min(connected % self.pause) } else { 0 };
        let number = |number: u64| Some(u32::try_from(number).unwrap_or(u32::MAX));
        SessionInfo {
            client: self.listed_client(tells_idle),
            user: Some(self.user.to_owned()),
            opens: number(self.open(second).count().try_into().unwrap_or_default()),
            time: number(connected),
            idle_time: number(idle),
            flags: Some(0),
            client_type: Some(String::new()),
            transport: Some(r"\Device\NetbiosSmb".to_owned()),
        }
    }

    /// Windows has `\\` in front, and brackets around IPv6.
    fn listed_client(&self, is_windows: bool) -> String {
        match (is_windows, self.client.contains(':')) {
            (true, true) => format!(r"\\[{}]", self.client),
            (true, false) => format!(r"\\{}", self.client),
            (false, _) => self.client.to_owned(),
        }
    }

    /// The files that are open now, each with a number of its own for every time that it is opened.
    pub(super) fn files(&self, second: u64, index: usize) -> impl Iterator<Item = FileInfo> {
        self.open(second).map(move |(slot, opened, path)| FileInfo {
            id: file_id(index, slot, opened),
            permissions: Some(if slot == 0 { 0x3 } else { 0x1 }),
            locks: Some(u32::from(slot == 0)),
            path: Some(path.to_owned()),
            user: Some(self.user.to_owned()),
        })
    }

    /// The first file is open for the whole visit, the others now and then.
    fn open(&self, second: u64) -> impl Iterator<Item = (usize, u64, &'static str)> {
        let time = second.saturating_add(self.phase);
        self.files.iter().enumerate().filter_map(move |(slot, path)| {
            let every = 11_u64.saturating_add(slot.try_into().unwrap_or_default());
            let turn = time / every;
            match slot {
                0 => Some((slot, time / self.period, *path)),
                _ => turn.is_multiple_of(2).then_some((slot, turn, *path)),
            }
        })
    }
}

fn file_id(person: usize, slot: usize, opened: u64) -> u32 {
    let opened = usize::try_from(opened % 1000).unwrap_or_default();
    let id = opened.saturating_mul(100).saturating_add(person.saturating_mul(5)).saturating_add(slot);
    u32::try_from(id).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn people_come_and_go_within_a_minute() {
        let there = |second| PEOPLE.iter().filter(|person| person.visit(second).is_some()).count();
        let numbers: HashSet<_> = (0..60).map(there).collect();
        assert!(numbers.len() > 2 && there(0) >= 8, "{numbers:?}");
    }

    #[test]
    fn a_visit_has_one_beginning() {
        for person in PEOPLE {
            let mut begun = std::collections::HashMap::new();
            for second in 0..300 {
                let Some(visit) = person.visit(second) else { continue };
                let info = person.session(second, true);
                let (time, idle) = (i64::from(info.time.unwrap()), info.idle_time.unwrap());
                let start = i64::try_from(second).unwrap() - time;
                assert_eq!(*begun.entry(visit).or_insert(start), start, "{} {second}", person.user);
                assert!(i64::from(idle) <= time);
            }
        }
    }

    #[test]
    fn no_two_files_have_one_number() {
        for second in 0..300 {
            let all = PEOPLE.iter().enumerate().flat_map(|(index, person)| person.files(second, index));
            let ids: Vec<_> = all.map(|file| file.id).collect();
            assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        }
    }
}
