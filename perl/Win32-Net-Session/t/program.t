use strict;
use warnings;

use Test::More;

use lib 't/lib';
use Answers;
use FakeProgram;
use Win32::Net::Session;

my $somebody = { out => $SESSION{1} };

sub fails_with {
    my ($fake, $expected, $what) = @_;
    local $ENV{NETSESSION_BIN} = ref $fake ? $fake->path : $fake;
    is(eval { Win32::Net::Session->new('fs1', 1)->GetSessionInfo }, undef, "$what croaks");
    like($@, $expected, '... with a clear text');
    like($@, qr/ at \Q$0\E line [0-9]+\.\n\z/, '... and the line of the caller');
    return;
}

fails_with('/no/such/netsession', qr{\Acannot run the program /no/such/netsession: No such file}, 'a missing program');
fails_with('/', qr{\Acannot run the program /: Permission denied}, 'a folder');
{
    local $ENV{PATH} = '/no/such/folder';
    fails_with('', qr{\Acannot run the program netsession: No such file.*PATH}s, 'a program missing from PATH');
    my $fake = FakeProgram->new(answers => [$somebody]);
    $ENV{PATH} = $fake->dir;
    delete local $ENV{NETSESSION_BIN};
    ok(eval { Win32::Net::Session->new('fs1', 1)->GetSessionInfo }, 'a program in PATH is found') or diag $@;
}
{
    my $fake = FakeProgram->new(answers => [$somebody], name => q{net session; 'x' "y" $z});
    local $ENV{NETSESSION_BIN} = $fake->path;
    ok(eval { Win32::Net::Session->new('fs1', 1)->GetSessionInfo }, 'its name is no command line') or diag $@;
}

fails_with(FakeProgram->new(answers => [$somebody], version => "netsession 0.0.9\n"),
    qr/has version 0\.0\.9, which is too old: this module needs netsession 0\.1\.0 or later/, 'a program too old');
for my $version ("netsession 0.1.0\n", "netsession 0.10.0\n", "netsession 1.0.0-rc.1 (abc)\n", "something else\n", '') {
    my $fake = FakeProgram->new(answers => [$somebody], version => $version);
    local $ENV{NETSESSION_BIN} = $fake->path;
    ok(eval { Win32::Net::Session->new('fs1', 1)->GetSessionInfo }, "this one will do: $version") or diag $@;
}
my $usage = "netsession: unexpected argument '--format' found\n\nUsage: netsession list [SERVER]\n";
fails_with(FakeProgram->new(answers => [{ err => $usage, exit => 2 }]), qr/too old: it does not take.*--format/s,
    'one that does not know the arguments');

my $line = $SESSION{1};
my %broken = (
    'text' => "CLIENT  USER\n", 'half a line' => substr($line, 0, 40), 'a line and a half' => $line . substr($line, 0, 40),
    'two values in a line' => '{},' . $line, 'an empty line' => "$line\n", 'only an empty line' => "\n", 'no object' => "[]\n",
    'a number' => "1\n", 'another level' => $SESSION{10}, 'no client' => session(client => 'null'),
    'a session without a user' => $line . session(level => 1), 'bytes that are no UTF-8' => $line =~ s/alice/al\xFFce/r,
    'one array' => '[' . $line =~ s/\n//r . "]\n", 'an error and exit code 0' => refused('status', 5, undef, 'no')->{out},
    'brackets' => "],[\n",
);
for my $what (sort keys %broken) {
    fails_with(FakeProgram->new(answers => [{ out => $broken{$what} }]),
        qr/\Athe program gave something else than netsession's JSON: /, "broken JSON, $what,");
}
fails_with(FakeProgram->new(answers => [{ out => $line, signal => 'KILL' }]), qr/was ended by signal 9/, 'a program that is killed');

{
    # 1,000 lines are read in more than one go.
    my $late = ($line x 999) . substr $line, 0, 40;
    my $fake = FakeProgram->new(answers => [{ out => $line }, { out => $late }]);
    local $ENV{NETSESSION_BIN} = $fake->path;
    my $session = Win32::Net::Session->new('fs1', 1);
    $session->GetSessionInfo;
    is(eval { $session->GetSessionInfo }, undef, 'broken JSON far behind croaks');
    like($@, qr/\Athe program gave something else than netsession's JSON: /, '... with a clear text');
    is($session->NumberofSessions, 0, '... and there are no sessions');
    is_deeply(scalar $session->Sessions, [], '... in the list neither');
}

# No process is left at the end, whatever the tests did.
is(waitpid(-1, 1), -1, 'no child is left, neither running nor as a zombie');

# A script that waits no longer than it likes.
{
    my $fake = FakeProgram->new(answers => [{ sleep => 60 }]);
    local $ENV{NETSESSION_BIN} = $fake->path;
    my $session = Win32::Net::Session->new('fs1', 1);
    my $began = time;
    # Not before the module waits for the answer: it has written down its arguments by then.
    my $info = eval {
        local $SIG{ALRM} = sub { die "no longer\n" if $fake->runs; alarm 1 };
        alarm 1;
        $session->GetSessionInfo;
    };
    alarm 0;
    is($@, "no longer\n", 'a handler for a signal may die');
    cmp_ok(time - $began, '<', 30, '... and the program is not waited for');
    is(waitpid(-1, 1), -1, '... and does not go on alone');
    is($session->NumberofSessions, 0, '... and there are no sessions');
}
{
    my $fake = FakeProgram->new(answers => [{ out => $line, sleep => 2 }]);
    local $ENV{NETSESSION_BIN} = $fake->path;
    my $signals = 0;
    local $SIG{ALRM} = sub { $signals++ };
    alarm 1;
    my $info = eval { Win32::Net::Session->new('fs1', 1)->GetSessionInfo };
    is(scalar keys %{ $info || {} }, 1, 'a handler that returns loses no answer') or diag $@;
    is($signals, 1, '... and has seen its signal');
}

# In taint mode nothing is run that came from outside, and it croaks.
{
    my $fake = FakeProgram->new(answers => [{ out => $line }]);
    my $ask = 'print eval { Win32::Net::Session->new($server, 1)->GetSessionInfo } ? q{listed} : $@';
    my $clean = 'delete @ENV{qw(PATH IFS CDPATH ENV BASH_ENV)}; ($ENV{NETSESSION_BIN}) = $ENV{NETSESSION_BIN} =~ /(.*)/; my ($server) = $ARGV[0] =~ /(.*)/;';
    local $ENV{NETSESSION_BIN} = $fake->path;
    my $taint = sub {
        open my $out, '-|', $^X, '-T', '-Ilib', '-MWin32::Net::Session', '-e', $_[0], 'fs1' or die $!;
        local $/;
        return scalar <$out>;
    };
    like($taint->('my $server = "fs1"; ' . $ask), qr/\AInsecure /, 'in taint mode an environment as it is is refused');
    is(scalar(() = $fake->runs), 0, '... before anything is run');
    is($taint->("$clean $ask"), 'listed', '... and one that was looked at is not');
}

# What a script around it must not notice.
{
    my $fake = FakeProgram->new(answers => [{ out => $line x 3, err => "netsession: warning: x\n" }]);
    local $ENV{NETSESSION_BIN} = $fake->path;
    my $session = Win32::Net::Session->new('fs1', 1);
    my $number = sub { my $info = eval { $session->GetSessionInfo }; $info ? scalar keys %$info : $@ };

    open my $log, '+>', undef or die $!;
    open my $stderr, '>&', \*STDERR or die $!;
    open STDERR, '>&', $log or die $!;
    my $found = $number->();
    print STDERR "after\n";
    system $^X, '-e', 'print STDERR "child\n"';
    open STDERR, '>&', $stderr or die $!;
    seek $log, 0, 0;
    is($found, 3, 'sessions, and a warning');
    is(join('', <$log>), "netsession: warning: x\nafter\nchild\n", '... which is passed on, and STDERR is as before');

    $fake = FakeProgram->new(answers => [{ out => $line x 3 }]);
    $ENV{NETSESSION_BIN} = $fake->path;
    { local $/; is($number->(), 3, 'without a line separator') }
    { local $/ = \7; is($number->(), 3, '... with records of seven bytes') }
    { local ($,, $\) = ('-', '!'); is($number->(), 3, '... with separators of print') }
    { local $SIG{CHLD} = 'IGNORE'; is($number->(), 3, '... with children ignored') }
    { my $reaped = 0; local $SIG{CHLD} = sub { $reaped++ while waitpid(-1, 1) > 0 }; is($number->(), 3, '... with a handler for children'); is($reaped, 0, "... which is not called for the program") }
    { local $SIG{__DIE__} = sub { fail("died: $_[0]") }; is($number->(), 3, '... with a handler for die') }
    { local $SIG{__WARN__} = sub { fail("warned: $_[0]") }; is($number->(), 3, '... without a warning') }
    { local @ENV{qw(PERL_UNICODE LC_ALL)} = ('SDA', 'C'); is($number->(), 3, '... with layers by default') }
    { local $_ = 'mine'; $number->(); is($_, 'mine', '... and $_ is as before') }
    ($!, $?) = (2, 512);
    $number->();
    is($! + 0, 2, '... and $!');
    is($?, 512, '... and $?');
    {
        eval { die "mine\n" };
        my $mine = $@;
        $session->GetSessionInfo;
        is($@, $mine, '... and $@');
    }
    {
        local $SIG{PIPE} = sub { fail('a broken pipe') };
        is($number->(), 3, '... with a handler for broken pipes');
    }
    {
        local *STDERR;
        open STDERR, '>', \my $text or die $!;
        is($number->(), 3, '... with STDERR a string');
    }
    {
        open my $saved, '>&', \*STDERR or die $!;
        close STDERR;
        my $closed = $number->();
        open STDERR, '>&', $saved or die $!;
        is($closed, 3, '... with STDERR closed');
    }
}

done_testing;
