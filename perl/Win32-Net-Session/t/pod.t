use strict;
use warnings;

use Pod::Checker ();
use Test::More tests => 3;

my $file = 'lib/Win32/Net/Session.pm';
my $checker = Pod::Checker->new(-warnings => 1);
open my $log, '>', \my $said or die $!;
$checker->parse_from_file($file, $log);
is($checker->num_errors, 0, 'the documentation has no errors') or diag $said;
is($checker->num_warnings, 0, '... and no warnings') or diag $said;

# The synopsis is the one of the original, and is what is run against servers.
open my $module, '<', $file or die $!;
open my $script, '<', 'examples/synopsis.pl' or die $!;
my ($synopsis) = do { local $/; <$module> } =~ /^=head1 SYNOPSIS\n\n(.*?)^=head1/ms;
$synopsis =~ s/^    //mg;
is($synopsis =~ s/\n\z//r, do { local $/; <$script> }, 'the synopsis is examples/synopsis.pl');
