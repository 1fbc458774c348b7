use strict;
use warnings;

use Test::More tests => 4;

use_ok('Win32::Net::Session');
can_ok('Win32::Net::Session', qw(new GetSessionInfo NumberofSessions Sessions Level Error Code));
ok(eval q{package Importer; use Win32::Net::Session ':all'; 1}, 'the tag :all is there, as in the original') or diag $@;
cmp_ok(Win32::Net::Session->VERSION, '>', 0.02, 'and it is later than the original');
diag "Win32::Net::Session $Win32::Net::Session::VERSION, Perl $], $^O, ",
    eval { require JSON::XS; 1 } ? "JSON::XS $JSON::XS::VERSION" : 'JSON::PP';
