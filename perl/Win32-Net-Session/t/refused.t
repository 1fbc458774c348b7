# Names that the program refuses before it asks a server, in its own words: there are no made-up ones here.
use strict;
use warnings;

use File::Temp ();
use Test::More;

use Win32::Net::Session;

binmode $_, ':encoding(UTF-8)' for map { Test::More->builder->$_ } qw(output failure_output todo_output);

plan skip_all => 'NETSESSION_BIN names no program' if !defined $ENV{NETSESSION_BIN} || $ENV{NETSESSION_BIN} eq '';
# The names alone count: neither a configuration nor an account.
my $home = File::Temp->newdir;
delete @ENV{ grep { /\ANETSESSION_(?!BIN\z)/ } keys %ENV };
$ENV{$_} = "$home/$_" for qw(HOME XDG_CONFIG_HOME APPDATA KRB5CCNAME);

sub refused {
    my ($expected, $code, $said, $what, @new) = @_;
    my $session = Win32::Net::Session->new(@new);
    is(eval { $session->GetSessionInfo }, undef, "$what croaks");
    like($@, qr/\A\Q$expected\E at \Q$0\E line /, "... with $expected");
    is($session->Code, $code, '... and its code');
    like($session->Error, $said, '... and the words of the program');
    return;
}

# Each mistake that a name of a server can have.
my @servers = (
    '\\\\'                  => qr/\A\\\\: is no server: the name of the server is empty\z/,
    ':445'                  => qr/\A:445: is no server: the name of the server is empty\z/,
    '\\\\fs1\\share'        => qr/\A\\\\fs1\\share: is a share, not a server: type fs1\z/,
    'smb://fs1/share'       => qr/: is a share, not a server: type fs1\z/,
    '/etc'                  => qr/: is a share, not a server: type the name of the server\z/,
    'smb://alice@fs1'       => qr/: is a user at a server: type fs1 and name the user with --login\z/,
    'smb://alice:pass@fs1'  => qr/\Asmb:\/\/alice:\x{2026}\@fs1: is a user at a server: /,
    '10.0.0.0/24'           => qr/\A10\.0\.0\.0\/24: is a range of addresses: /,
    '[fs1]'                 => qr/: is no server: brackets /,
    'fe80::zz'              => qr/: is no server: not a valid IPv6 address\z/,
    'fs 1'                  => qr/\Afs 1: is no server: not a valid host name\z/,
    "fs\x{202E}1 "          => qr/\Afs\\u\{202e\}1 : is no server: /,
    'fs1:http'              => qr/: is no server: the port is not a number from 1 to 65535\z/,
    '--user'                => qr/\A--user: is no server: /,
);
while (my ($server, $said) = splice @servers, 0, 2) {
    refused('Invalid Computer', 2351, $said, "<$server> as a server", $server, 1);
}

# Each that a filter can have.
my @clients = (
    '\\\\'     => qr/\A--client is empty: /,
    '[]'       => qr/\A--client is empty: /,
    ' '        => qr/\A--client is empty: /,
    'x' x 1022 => qr/\A--client is invalid: the name of the client is longer than /,
);
while (my ($client, $said) = splice @clients, 0, 2) {
    refused('Invalid Parameter', 87, $said, '<' . substr($client, 0, 9) . '> as a client', 'fs1', 1, $client);
}
my @users = (
    'LAB\\'             => qr/\A--user LAB\\: there is no user behind the domain\z/,
    "M\x{FC}ll\nLAB\\"  => qr/\A--user M\x{FC}ll\\u\{a\}LAB\\: there is no user behind the domain\z/,
    'x: is no server\\' => qr/\A--user x: is no server\\: there is no user behind the domain\z/,
    'x' x 1024          => qr/\A--user is invalid: the name of the user is longer than /,
);
while (my ($user, $said) = splice @users, 0, 2) {
    refused('Invalid Parameter', 87, $said, '<' . substr($user, 0, 9) . '> as a user', 'fs1', 1, '', $user);
}

# What is wrong with neither is told in the program's words alone. On Windows its user asks.
if ($^O ne 'MSWin32') {
    my $session = Win32::Net::Session->new('fs1', 1);
    is(eval { $session->GetSessionInfo }, undef, 'nobody who asks');
    like($@, qr/ ended with exit code 2: no login: /, '... is no wrong name');
}

done_testing;
