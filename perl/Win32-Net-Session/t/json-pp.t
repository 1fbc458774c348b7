# Without JSON::XS it is the same, and slower.
use strict;
use warnings;

use Test::More;

BEGIN {
    unshift @INC, sub { die "hidden by the test\n" if $_[1] eq 'JSON/XS.pm'; return };
}

use lib 't/lib';
use Answers;
use FakeProgram;
use Win32::Net::Session;

my $fake = FakeProgram->new(answers => [
    { out => $SESSION{502} =~ s/alice/LAB\\\\M\xC3\xBCller/r . $SESSION{502} =~ s/:3600/:4294967295/r },
    { out => "{\n" },
    refused('access_denied', 5, 'ERROR_ACCESS_DENIED', 'fs1: denied'),
]);
local $ENV{NETSESSION_BIN} = $fake->path;
my $session = Win32::Net::Session->new('fs1', 4);
my $info = $session->GetSessionInfo;
is($info->{0}{User}, "LAB\\M\x{FC}ller", 'a name with an umlaut');
is($info->{0}{TransportName}, '\\Device\\NetbiosSmb', 'and backslashes');
is("$info->{1}{Time}", '4294967295', 'a large number');
is(eval { $session->GetSessionInfo }, undef, 'broken JSON croaks');
like($@, qr/\Athe program gave something else than netsession's JSON: /, '... with a clear text');
is(eval { $session->GetSessionInfo }, undef, 'a refusal croaks');
like($@, qr/\AAccess denied at /, '... with its text');
ok(!$INC{'JSON/XS.pm'}, 'JSON::XS had no part in it');
ok($INC{'JSON/PP.pm'}, '... and JSON::PP had');

done_testing;
