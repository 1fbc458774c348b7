use std::io;

use anyhow::{Context, Result, bail};
use netsession::{Account, Password};
use zeroize::Zeroizing;

use crate::process::{EndSignal, Interrupt};
use crate::text::escaped;

/// A signal ended the prompt, such as Ctrl-C.
#[derive(Debug)]
pub(crate) struct Interrupted(pub(crate) EndSignal);

impl std::error::Error for Interrupted {}

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

/// Asks for the password on the terminal itself, whatever stdin and stdout are, without echo. A signal gives the
/// terminal its echo back.
pub(crate) fn ask_on_terminal(account: &Account, signals: &mut Interrupt) -> Result<Password> {
    let prompt = format!("Password for {}: ", escaped(&account.to_string()));
    let typed = match read_hidden(&prompt, signals) {
        // Ctrl-D.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => bail!("no password was typed"),
        read => read,
    };
    let typed = typed.with_context(|| {
        format!(
            "no password for {}, and no terminal to ask for one: use --password-file, --password-stdin, --auth-file or \
             NETSESSION_PASSWORD",
            escaped(&account.to_string())
        )
    })?;
    let password = typed.map_err(Interrupted)?;
    if password.is_empty() {
        bail!("no password was typed");
    }
    Ok(Password::new(password.as_str()))
}

/// What is typed, or the signal that came instead.
type Typed = Result<Zeroizing<String>, EndSignal>;

fn typed(result: io::Result<String>) -> io::Result<Typed> {
    match result {
        Ok(password) => Ok(Ok(Zeroizing::new(password))),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Err(EndSignal::Interrupt)),
        Err(error) => Err(error),
    }
}

/// A thread reads, and this one waits for signals: a read that a signal has interrupted is begun again by the system.
#[cfg(unix)]
fn read_hidden(prompt: &str, signals: &mut Interrupt) -> io::Result<Typed> {
    use std::fs::File;
    use std::io::Write as _;
    use std::thread;

    use tokio::{runtime, select, sync::oneshot};

    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let reader = terminal.try_clone()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let (sender, receiver) = oneshot::channel();
    let hidden = WithoutEcho::new(&terminal)?;
    (&terminal).write_all(prompt.as_bytes())?;
    let read = move || {
        let config = rpassword::ConfigBuilder::new().input_reader(reader).output_discard().build();
        sender.send(rpassword::read_password_with_config(config))
    };
    thread::Builder::new().spawn(read)?;
    let result = runtime.block_on(async {
        select! {
            result = receiver => typed(result.unwrap_or_else(|_| Err(io::Error::other("the thread that reads ended")))),
            signal = signals.wait() => Ok(Err(signal)),
        }
    });
    drop(hidden);
    // Where the terminal is gone, so is its line.
    let _: io::Result<()> = (&terminal).write_all(b"\n");
    result
}

/// A terminal that shows nothing of what is typed, and gives each character at once, Ctrl-C as well, until this is
/// dropped.
#[cfg(unix)]
struct WithoutEcho<'a> {
    terminal: &'a std::fs::File,
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl<'a> WithoutEcho<'a> {
    fn new(terminal: &'a std::fs::File) -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

        let before = tcgetattr(terminal)?;
        let mut hidden = before.clone();
        hidden
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
        hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Now, &hidden)?;
        Ok(Self { terminal, before })
    }
}

#[cfg(unix)]
impl Drop for WithoutEcho<'_> {
    fn drop(&mut self) {
        // It fails where the terminal is gone.
        let _ =
            rustix::termios::tcsetattr(self.terminal, rustix::termios::OptionalActions::Now, &self.before);
    }
}

/// Windows has Ctrl-C alone, which rpassword gives the console its echo back for.
#[cfg(windows)]
fn read_hidden(prompt: &str, _: &mut Interrupt) -> io::Result<Typed> {
    typed(rpassword::prompt_password(prompt))
}
