package Answers;

# What netsession prints with --format=jsonl: copied from the program, not made with a JSON module.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(session refused %SESSION);

# One session at each level of Win32.
our %SESSION = (
    0   => session(level => 0),
    1   => session(level => 1, full(qw(user opens connected_seconds idle_seconds flags))),
    2   => session(level => 2, full(qw(user opens connected_seconds idle_seconds flags client_type))),
    10  => session(level => 10, full(qw(user connected_seconds idle_seconds))),
    502 => session(level => 502, full(qw(user opens connected_seconds idle_seconds flags client_type transport))),
);

# A line, in bytes. Values are JSON already.
sub session {
    my %value = (
        server => '"fs1"', level => 1, client => '"10.0.0.5"',
        map({ $_ => 'null' } qw(user opens connected_seconds idle_seconds flags client_type transport client_name)),
        @_,
    );
    my @keys = qw(server level client user opens connected_seconds idle_seconds flags client_type transport client_name);
    return '{' . join(',', map { qq{"$_":$value{$_}} } @keys) . "}\n";
}

sub full {
    my %value = (
        user => '"alice"', opens => 3, connected_seconds => 3600, idle_seconds => 12, flags => '["guest"]',
        client_type => '""', transport => '"\\\\Device\\\\NetbiosSmb"',
    );
    return map { $_ => $value{$_} } @_;
}

# The line of a server that failed, and what goes with it.
sub refused {
    my ($kind, $code, $name, $message) = @_;
    ($code, $name) = map { defined $_ ? $_ : 'null' } $code, defined $name ? qq{"$name"} : undef;
    my $line = qq({"server":"fs1","error":{"kind":"$kind","code":$code,"name":$name,"message":"$message"}}\n);
    return { out => $line, exit => 1 };
}

1;
