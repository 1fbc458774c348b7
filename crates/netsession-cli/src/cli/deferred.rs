use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// The arguments of a command. [`Subcommand::augment_subcommands_for_update`](clap::Subcommand), which is for nothing else here,
/// declares them only if the command is the one that is typed: to declare those of every command takes longer than to ask a server.
// In a box: some are far larger than others.
#[derive(Debug)]
pub(crate) struct Deferred<A>(pub(crate) Box<A>);

impl<A: Args> Args for Deferred<A> {
    fn augment_args(command: Command) -> Command {
        A::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(A::augment_args)
    }
}

impl<A: FromArgMatches> FromArgMatches for Deferred<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Box::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        Box::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
