package Win32::Net::Session;

use 5.014;
use strict;
use warnings;

use Exporter 'import';

our $VERSION     = '0.10';
our @EXPORT      = ();
our @EXPORT_OK   = ();
our %EXPORT_TAGS = (all => []);

# The first version of the program whose output is what this module reads.
our $OLDEST_PROGRAM = '0.1.0';

use constant IS_WINDOWS => $^O eq 'MSWin32';

# The most that the server's call takes in a name. The program knows the exact limits; this one keeps what
# no operating system passes on as an argument away from it.
use constant LONGEST_NAME => 1024;

use constant LENGTH_OF_PART => 0x10000;

# A level of this module, as Win32 numbers it.
my %WIN32_LEVEL = (0 => 0, 1 => 1, 2 => 2, 3 => 10, 4 => 502);

# Sessions as the original has them, from those of the program, by the level of Win32.
my %SHAPE = (
    0 => sub { map { +{
        EntryCount => 1,
        ClientName => $_->{client},
    } } @_ },
    1 => sub { map { +{
        EntryCount => 6,
        ClientName => $_->{client},
        User       => $_->{user},
        Opened     => $_->{opens},
        Time       => $_->{connected_seconds},
        IdleTime   => $_->{idle_seconds},
        UserFlags  => _user_flags($_->{flags}),
    } } @_ },
    2 => sub { map { +{
        EntryCount    => 6,
        ClientName    => $_->{client},
        User          => $_->{user},
        Opened        => $_->{opens},
        Time          => $_->{connected_seconds},
        IdleTime      => $_->{idle_seconds},
        UserFlags     => _user_flags($_->{flags}),
        'ClType Name' => $_->{client_type},
    } } @_ },
    10 => sub { map { +{
        EntryCount => 4,
        ClientName => $_->{client},
        User       => $_->{user},
        Time       => $_->{connected_seconds},
        IdleTime   => $_->{idle_seconds},
    } } @_ },
    502 => sub { map { +{
        EntryCount    => 8,
        ClientName    => $_->{client},
        User          => $_->{user},
        Opened        => $_->{opens},
        Time          => $_->{connected_seconds},
        IdleTime      => $_->{idle_seconds},
        UserFlags     => _user_flags($_->{flags}),
        'ClType Name' => $_->{client_type},
        TransportName => $_->{transport},
    } } @_ },
);

# What a session must have for it, beside the client.
my %NEEDED = (
    0   => [],
    1   => [qw(user opens connected_seconds idle_seconds flags)],
    2   => [qw(user opens connected_seconds idle_seconds flags client_type)],
    10  => [qw(user connected_seconds idle_seconds)],
    502 => [qw(user opens connected_seconds idle_seconds flags client_type transport)],
);

# The texts of the original, which scripts match on.
my %TEXT = (
    5    => 'Access denied',
    8    => 'Not enough Memory',
    87   => 'Invalid Parameter',
    2221 => 'User Not Found',
    2312 => 'Client Name not found',
    2351 => 'Invalid Computer',
);

# What the program says of a name that it refuses, as it has no line of JSON then. t/refused.t has all of it from the
# program itself.
my $SAID_OF_FILTER = qr/\A--(?:client|user) (?:is |.*: there is no user behind the domain\z)/s;
my $SAID_OF_SERVER = qr/: is (?:no server|a share|a user at a server|a range of addresses)\b/;

# Where the server sent no code of Win32: what Windows says in the same case.
my %WIN32_CODE_OF_KIND = (
    resolve     => 53,    # ERROR_BAD_NETPATH
    connect     => 53,
    timeout     => 121,   # ERROR_SEM_TIMEOUT
    closed      => 64,    # ERROR_NETNAME_DELETED
    host_denied => 65,    # ERROR_NETWORK_ACCESS_DENIED
);
my %WIN32_CODE_OF_STATUS = (
    0xC000006E => 1327,   # ERROR_ACCOUNT_RESTRICTION
    0xC000006F => 1328,   # ERROR_INVALID_LOGON_HOURS
    0xC0000070 => 1329,   # ERROR_INVALID_WORKSTATION
    0xC0000071 => 1330,   # ERROR_PASSWORD_EXPIRED
    0xC0000072 => 1331,   # ERROR_ACCOUNT_DISABLED
    0xC000015B => 1385,   # ERROR_LOGON_TYPE_NOT_GRANTED
    0xC0000193 => 1793,   # ERROR_ACCOUNT_EXPIRED
    0xC0000224 => 1907,   # ERROR_PASSWORD_MUST_CHANGE
    0xC0000234 => 1909,   # ERROR_ACCOUNT_LOCKED_OUT
);
use constant {
    ERROR_LOGON_FAILURE  => 1326,
    ERROR_UNEXP_NET_ERR  => 59,
    ERROR_INVALID_LEVEL  => 124,
};

sub new {
    my $class = shift;
    die "parameter required!\n" if !@_;
    my ($server, $level, $client, $user) = @_;
    # The names of the fields are the original's: there are scripts that look into the object.
    return bless {
        servername => $server,
        level      => $level,
        clientname => $client,
        username   => $user,
        isError    => 0,
        readed     => 0,
        Error      => undef,
    }, $class;
}

sub GetSessionInfo {
    my $self = shift;
    $self->_forget;
    my $level = $self->_win32_level;
    $self->{Level} = $level;
    my %filter = ($self->_filter(client => $self->{clientname}), $self->_filter(user => $self->{username}));
    my @server = $self->_server;
    my $lines  = $self->_ask($level, \%filter, @server);
    my ($index, %info) = (0);
    keys(%info) = $lines =~ tr/\n//;
    for my $part (_parts($lines)) {
        $info{ $index++ } = $_ for $SHAPE{$level}->(@{ $self->_sessions($level, $part) });
    }
    $self->_nothing_matches($level, \%filter, @server) if !$index && %filter;
    @{$self}{qw(readed lines)} = ($index, $lines);
    return \%info;
}

sub NumberofSessions { return $_[0]{readed} }

sub Sessions {
    my $self = shift;
    $self->GetSessionInfo if !$self->{Sessions} && !defined $self->{lines} && !$self->{isError};
    # Decoded again on demand: a second hash for each session costs others more than the text.
    my $lines = delete $self->{lines};
    $self->{Sessions} ||= [map { @{ $self->_sessions($self->{Level}, $_) } } _parts($lines)];
    return wantarray ? @{ $self->{Sessions} } : $self->{Sessions};
}

sub Level { return $_[0]{Level} }

sub Error { return $_[0]{Error} }

sub Code { return $_[0]{Code} }

# --- The question ---------------------------------------------------------------------------------------

sub _forget {
    my $self = shift;
    @{$self}{qw(isError readed)} = (0, 0);
    @{$self}{qw(Error Code Level Sessions lines)} = ();
    return;
}

sub _win32_level {
    my $self = shift;
    my ($level) = defined $self->{level} ? $self->{level} =~ /\A\s*([0-4])\s*\z/a : ();
    $self->_croak('Wrong Level given! Exit now!', ERROR_INVALID_LEVEL) if !defined $level;
    return $WIN32_LEVEL{$level};
}

sub _is_none {
    my $name = shift;
    return !defined $name || $name eq '' || $name eq 'NULL';
}

sub _filter {
    my ($self, $option, $name) = @_;
    return if _is_none($name);
    return ($option => "--$option=" . $self->_characters($name));
}

sub _server {
    my $self = shift;
    return if _is_none($self->{servername});
    my $server = $self->_characters($self->{servername});
    # To the program that is a group of servers.
    $self->_croak('Invalid Computer', 2351, "$server: is a group of servers") if $server =~ /\A@/;
    return $server;
}

# A name as characters. Scripts that were written before `use utf8` have bytes: what is UTF-8 is taken for it.
sub _characters {
    my ($self, $name) = @_;
    $name = "$name";
    my $error = 'the name has more than ' . LONGEST_NAME . ' characters';
    # In bytes, a character has four at the most; what is longer is not even looked at.
    $self->_croak('Invalid Parameter', 87, $error) if length($name) > 4 * LONGEST_NAME;
    my $bytes = $name;
    $name = $bytes if utf8::downgrade($bytes, 1) && utf8::decode($bytes);
    # A server counts in UTF-16.
    my $length = length($name) + ($name =~ tr/\x{10000}-\x{10FFFF}//);
    $self->_croak('Invalid Parameter', 87, $error) if $length > LONGEST_NAME;
    no warnings qw(surrogate non_unicode nonchar);
    $self->_croak('Invalid Parameter', 87, 'the name has what is no character')
        if $name =~ /[\0\x{D800}-\x{DFFF}]|[^\x{0}-\x{10FFFF}]/;
    return $name;
}

# The program's lines of JSON, each a session of this level.
sub _ask {
    my ($self, $level, $filter, @server) = @_;
    my @arguments = ('list', '--format=jsonl', "--level=$level", map { $filter->{$_} } sort keys %$filter);
    my $answer = $self->_run(@arguments, '--', @server);
    if ($answer->{exit} == 1) {
        my $lines = $self->_decode($answer->{out});
        $self->_croak_as_the_server($level, $lines->[0]{error})
            if @$lines == 1 && ref $lines->[0] eq 'HASH' && ref $lines->[0]{error} eq 'HASH';
    }
    $self->_croak_as_the_program($answer) if $answer->{exit};
    return $answer->{out};
}

# Lines of JSON in parts of whole lines. What was made of one part is gone before the next one is read, and its
# memory is used again: new memory is most of what a long listing costs.
sub _parts {
    my $lines = shift;
    my ($at, @parts) = (0);
    while (defined $lines && $at < length $lines) {
        my $end = index $lines, "\n", $at + LENGTH_OF_PART;
        $end = length($lines) - 1 if $end < 0;
        push @parts, substr $lines, $at, $end + 1 - $at;
        $at = $end + 1;
    }
    return @parts;
}

# The sessions of one part.
sub _sessions {
    my ($self, $level, $part) = @_;
    my $sessions = $self->_decode($part);
    my @needed = ('client', @{ $NEEDED{$level} });
    for my $session (@$sessions) {
        my $is_one = ref $session eq 'HASH' && defined $session->{level} && $session->{level} eq $level;
        $self->_croak_unreadable("a line is no session of level $level") if !$is_one;
        next if !grep { !defined } @{$session}{@needed};
        my ($missing) = grep { !defined $session->{$_} } @needed;
        $self->_croak_unreadable("a session has no $missing");
    }
    return $sessions;
}

# The program answers a filter that nothing matches with an empty list; the original croaks. With two filters
# it is the client that is not there, unless it has sessions of somebody else.
sub _nothing_matches {
    my ($self, $level, $filter, @server) = @_;
    my $is_client = $filter->{client};
    if ($is_client && $filter->{user}) {
        $is_client = $self->_ask($level, { client => $filter->{client} }, @server) eq '';
    }
    my $code = $is_client ? 2312 : 2221;
    return $self->_croak($TEXT{$code}, $code);
}

sub _user_flags {
    my $flags = shift;
    return 'not known' if !@$flags;
    my %is = map { $_ => 1 } @$flags;
    my @texts = (
        $is{guest}         ? 'guest account'                 : (),
        $is{no_encryption} ? 'not using password encryption' : (),
    );
    return @texts ? join(', ', @texts) : 'not known';
}

# --- The program ----------------------------------------------------------------------------------------

my %IS_NEW_ENOUGH;

sub _program {
    my $self = shift;
    my $program = $ENV{NETSESSION_BIN};
    $program = 'netsession' if !defined $program || $program eq '';
    if (IS_WINDOWS) {
        $self->_croak('Win32::Net::Session needs Perl 5.22 or later on Windows') if $] < 5.022;
        # Those go through cmd.exe, which has its own ideas of what an argument is.
        $self->_croak("NETSESSION_BIN is $program, which is no program of its own")
            if $program =~ /\.(?:bat|cmd)\s*\z/i;
    }
    return $program;
}

# Once for each program that a script uses.
sub _look_at_version {
    my ($self, $program) = @_;
    return if $IS_NEW_ENOUGH{$program};
    my $answer = $self->_finish($self->_start($program, '--version'));
    my ($version) = $answer->{out} =~ /\Anetsession v?([0-9]+\.[0-9]+\.[0-9]+)/;
    $self->_croak("the program $program has version $version, which is too old: "
            . "this module needs netsession $OLDEST_PROGRAM or later")
        if defined $version && version->parse("v$version") < version->parse("v$OLDEST_PROGRAM");
    # One that has no version to tell is asked all the same: what it answers is looked at.
    $IS_NEW_ENOUGH{$program} = 1;
    return;
}

# Runs the program to its end.
sub _run {
    my ($self, @arguments) = @_;
    my $program = $self->_program;
    # Neither those of the script, nor the exit code for a handler of its own.
    local ($!, $?, $^E, $@);
    local $SIG{CHLD} = 'DEFAULT';
    my $running = $self->_start($program, map { $self->_argument($_) } @arguments);
    # While the server is asked there is time for this.
    $self->_look_at_version($program);
    _json();
    my $answer = $self->_finish($running);
    _pass_on($answer->{err}) if $answer->{exit} == 0 || ($answer->{exit} == 1 && $answer->{out} ne '');
    return $answer;
}

# Warnings of the program are for the user of the script.
sub _pass_on {
    my $text = shift;
    no warnings qw(closed unopened);
    print {*STDERR} $text if $text ne '';
    return;
}

# All of these lines with one call: that costs a fifth of one for each.
sub _decode {
    my ($self, $text) = @_;
    my $count = $text eq '' ? 0 : 1;
    $text =~ s/\n\z//;
    $count += $text =~ tr/\n/,/;
    my ($lines, $error);
    {
        local ($@, $SIG{__DIE__});
        $lines = eval { _json()->decode("[$text]") };
        $error = $@;
    }
    return $lines if $lines && @$lines == $count;
    $error = 'a line is not one value' if $lines;
    $error =~ s/ at \S+ line [0-9]+\.?\n?\z//;
    return $self->_croak_unreadable($error);
}

my $json;

sub _json {
    return $json if $json;
    local ($@, $SIG{__DIE__});
    my $class = eval { require JSON::XS; 1 } ? 'JSON::XS' : do { require JSON::PP; 'JSON::PP' };
    return $json = $class->new->utf8;
}

# Starts the program without a shell: each argument is one, whatever is in it. Its stdout is to be read, its stderr goes
# into a file.
sub _start {
    my ($self, $program, @arguments) = @_;
    open my $err, '+>', undef or $self->_croak("cannot create a temporary file: $!");
    my ($pid, $out, $errno);
    {
        # By number: STDERR can be closed, tied or a string, and what the program inherits is 2.
        local *STDERR;
        my $own;
        if (open STDERR, '>&=', 2) {
            open $own, '>&', \*STDERR or $self->_croak("cannot set STDERR aside: $!");
            open STDERR, '>&', $err or $self->_croak("cannot put STDERR into a file: $!");
        }
        $pid = eval {
            no warnings 'exec';
            open $out, '-|', $program, @arguments;
        };
        ($errno, my $refused) = ("$!", $@);
        open STDERR, '>&', $own or $self->_croak("cannot put STDERR back: $!") if $own;
        # In taint mode.
        die $refused if $refused;
    }
    return bless { program => $program, pid => $pid, out => $out, err => $err }, 'Win32::Net::Session::Running' if $pid;
    my $where = defined $ENV{NETSESSION_BIN} && $ENV{NETSESSION_BIN} ne '' ? 'NETSESSION_BIN' : 'PATH';
    return $self->_croak("cannot run the program $program: $errno: install netsession, "
            . "and have PATH or NETSESSION_BIN say where it is ($where was looked at)");
}

# What it has said, in bytes, and its exit code.
sub _finish {
    my ($self, $running) = @_;
    my ($program, $out, $err) = @{$running}{qw(program out err)};
    local $/;
    binmode $out;
    my $text = readline $out;
    close $out;
    my $status = $?;
    delete $running->{out};
    seek $err, 0, 0;
    my $said = readline $err;
    $self->_croak(sprintf 'the program %s was ended by signal %d', $program, $status & 127)
        if $status > 0 && $status & 127;
    return {
        program => $program,
        exit    => $status >> 8,
        out     => defined $text ? $text : '',
        err     => defined $said ? $said : '',
    };
}

# Its answer is not needed any more: the script has died in a handler for a signal, say. Without this, Perl would
# wait for the end of the program.
sub Win32::Net::Session::Running::DESTROY {
    my $running = shift;
    my $out = delete $running->{out} or return;
    local ($@, $!, $?, $^E);
    kill TERM => $running->{pid};
    close $out;
    return;
}

# An argument as the operating system takes it.
sub _argument {
    my ($self, $text) = @_;
    return _windows_argument($self->_in_code_page($text)) if IS_WINDOWS;
    utf8::encode($text);
    return $text;
}

# Perl's list form on Windows joins arguments into one command line without escaping the quotes in them. What
# already has quotes around it it leaves alone.
sub _windows_argument {
    my $text = shift;
    $text =~ s/(\\*)"/$1$1\\"/g;
    $text =~ s/(\\+)\z/$1$1/;
    return qq{"$text"};
}

sub _in_code_page {
    my ($self, $text) = @_;
    return $text if $text !~ /[^\x01-\x7F]/;
    require Encode;
    require Win32;
    my $bytes = eval { Encode::encode('cp' . Win32::GetACP(), my $copy = $text, Encode::FB_CROAK()) };
    $self->_croak('Invalid Parameter', 87, 'the code page of this Windows has not every character of the name')
        if !defined $bytes;
    return $bytes;
}

# --- What went wrong ------------------------------------------------------------------------------------

# Dies where the script called. `$error` is what `Error` gives, if that is more than what is died with.
sub _croak {
    my ($self, $text, $code, $error) = @_;
    @{$self}{qw(isError Error Code)} = (1, defined $error ? $error : $text, $code);
    require Carp;
    return Carp::croak($text);
}

# What a server, or the way to it, refused.
sub _croak_as_the_server {
    my ($self, $level, $error) = @_;
    my ($kind, $code) = map { defined $_ ? $_ : '' } @{$error}{qw(kind code)};
    my $message = defined $error->{message} ? $error->{message} : 'without a word';
    my $number  = _win32_code($kind, $code);
    my $text    = $TEXT{ $kind eq 'access_denied' ? 5 : $number };
    if (!defined $text) {
        $text = "unknown Error: $number: $message";
        $text .= _in_own_levels($message) if $kind eq 'level_not_supported';
    }
    return $self->_croak($text, $code eq '' ? undef : $code, $message);
}

# The number that Windows has for it.
sub _win32_code {
    my ($kind, $code) = @_;
    return $code if $code ne '' && $code < 0x10000;
    return $WIN32_CODE_OF_STATUS{$code} if $code ne '' && $WIN32_CODE_OF_STATUS{$code};
    return ERROR_LOGON_FAILURE if $kind =~ /\Alogon_(?:refused|blocked|unanswered)\z/;
    return ERROR_INVALID_LEVEL if $kind eq 'level_not_supported';
    return $code if $code ne '';
    return $WIN32_CODE_OF_KIND{$kind} || ERROR_UNEXP_NET_ERR;
}

# Messages speak of the levels of Win32, scripts of those of this module.
sub _in_own_levels {
    my $message = shift;
    my %own = reverse %WIN32_LEVEL;
    my ($asked) = $message =~ /no level ([0-9]+)/;
    my ($works) = $message =~ /level ([0-9]+) works/;
    return '' if !defined $asked || !defined $works || !defined $own{$asked} || !defined $own{$works};
    return "; here that is level $own{$asked}, and level $own{$works} is the one to ask for";
}

# What the program found wrong before it asked, or at its end.
sub _croak_as_the_program {
    my ($self, $answer) = @_;
    my ($program, $exit) = @{$answer}{qw(program exit)};
    my $said = $answer->{err};
    utf8::decode($said);
    $said =~ s/\s+\z//;
    $said =~ s/\A\Qnetsession: \E//;
    if ($exit == 2) {
        # The program looks at the filters first.
        $self->_croak('Invalid Parameter', 87, $said) if $said =~ $SAID_OF_FILTER;
        $self->_croak('Invalid Computer',  2351, $said) if $said =~ $SAID_OF_SERVER;
        $self->_croak("the program $program is not one that this module can use, or too old: "
                . "it does not take the arguments of netsession $OLDEST_PROGRAM: $said")
            if $said =~ /^Usage:/m;
    }
    $self->_croak('interrupted') if $exit == 130;
    $said = 'without a word' if $said eq '';
    return $self->_croak("the program $program ended with exit code $exit: $said");
}

sub _croak_unreadable {
    my ($self, $why) = @_;
    return $self->_croak("the program gave something else than netsession's JSON: $why");
}

1;

__END__

=encoding UTF-8

=head1 NAME

Win32::Net::Session - Who is connected to an SMB server, on any system

=head1 SYNOPSIS

    use Win32::Net::Session;
    my $SESS = Win32::Net::Session->new($server, $level, $clientname, $username);
    my $ret = $SESS->GetSessionInfo();
    my $numsessions = $SESS->NumberofSessions();
    if($numsessions == 0) {print "No Clients connected\n"; exit; }
    print "Number of Sessions: " . $numsessions . "\n";
    my %hash = %$ret;
    my $key;
    my $count=0;
    while($count < $numsessions)
    {
        my %h = %{$hash{$count}};
        print "The key: $count\n";
        foreach $key (keys %h) { print "$key=" . $h{$key} . "\n"; }
        print "\n";
        $count++;
    }

=head1 DESCRIPTION

Scripts written for Win32::Net::Session 0.02 run unchanged, on Linux, macOS and Windows, and against Windows, Samba
and NAS servers. Nothing has to be installed on the server.

The module is Perl alone, one file, and uses core modules only, and JSON::XS where it is installed. It runs the
program F<netsession>, which does the asking, and reads its JSON. There is no shell in between: whatever is in a name
reaches the program as that name.

Who asks is not said in the script. See L</ENVIRONMENT>.

=head1 METHODS

=head2 new($server, $level, $clientname, $username)

Server and level are needed. Without any argument it dies with C<parameter required!> and a newline. Nothing is
asked yet, and nothing is checked.

The server is a name or an address, as C<fs1>, C<\\fs1>, C<10.0.0.5>, C<fs1:4455> or C<[fe80::1]:4455>. Client and user
are filters: only the sessions from that computer, with or without C<\\> in front, or of that user, C<alice> or
C<LAB\alice>, both without regard to upper and lower case.

An empty string, C<undef> and the string C<NULL> mean none: no filter, or this machine as the server.

Names are characters, or bytes in UTF-8, as they come from C<@ARGV>.

=head2 GetSessionInfo()

Asks the server. Returns a reference to a hash: C<0>, C<1> and so on, each with a reference to the hash of one
session. With no session that hash is empty. Croaks when the server cannot be asked or refuses; see L</ERRORS>.

=head2 NumberofSessions()

How many sessions the last C<GetSessionInfo> found; 0 before it, and after it has croaked.

=head2 Sessions()

New. The same sessions as an array of hashes, with the names of F<netsession>'s JSON: C<server>, C<level>, C<client>,
C<user>, C<opens>, C<connected_seconds>, C<idle_seconds>, C<flags> (a reference to an array of C<guest>,
C<no_encryption> and other bits as C<0x4>), C<client_type>, C<transport> and C<client_name>. What the level does not
carry is C<undef>. A list in list context, a reference to an array in scalar context. It asks the server if nothing
was asked yet.

    for my $session (Win32::Net::Session->new('fs1', 1)->Sessions) {
        print "$session->{user} has $session->{opens} files open\n";
    }

=head2 Level()

New. The level of the last question as Win32 numbers it: 0, 1, 2, 10 or 502. C<undef> before it.

=head2 Error()

New. What went wrong in the last question, in full: which server, at which step. C<undef> when nothing did.

=head2 Code()

New. The number of that error as the server sent it, a code of Win32 or an NTSTATUS; where the module itself found the
error, the code that Windows has for it. C<undef> when nothing went wrong, and where there is no number, as with a
server that cannot be reached.

=head1 LEVELS AND KEYS

    level  of Win32  keys
    0      0         ClientName
    1      1         ClientName User Opened Time IdleTime UserFlags
    2      2         as 1, and "ClType Name" (with the space)
    3      10        ClientName User Time IdleTime
    4      502       as 2, and TransportName

=over 4

=item EntryCount

In every session: the number of the keys of the level as the original has it, 1, 6, 6, 4 or 8.

=item ClientName

The computer: a name or an address as the server has it, without C<\\> in front and without brackets.

=item User

The user: C<alice> or C<LAB\alice>, as the server has it.

=item Opened

How many files, devices and pipes are open.

=item Time, IdleTime

Seconds since the session began, and since it was last used. Samba always says 0 for the latter.

=item UserFlags

C<guest account>, C<not using password encryption>, both with a comma and a blank in between, or C<not known>.

=item ClType Name

What the client calls itself; empty over SMB 2 and 3.

=item TransportName

Such as C<\Device\NetbiosSmb>.

=back

Names are strings of characters: give your output a layer, as in C<binmode STDOUT, ':encoding(UTF-8)'>. They are
chosen by the clients: escape them before you use them in a shell, a page or a path.

Which levels there are depends on the server. Samba has 0 and 1, and the module's level 3 is answered from 1 there;
levels 2 and 4 croak with a text that names the level that works. Windows has all of them, and gives 1, 2 and 4 to
administrators and server operators only; since Windows 10 1607 and Server 2019, 0 and 3 too.

=head1 ERRORS

C<GetSessionInfo> and C<Sessions> croak with the texts of the original, followed by the place of the call:

    Wrong Level given! Exit now!   the level is none of 0 to 4
    Invalid Computer               the server's name is no name of a server, but a share or a range, say
    Access denied                  the account may not list sessions
    Invalid Parameter              a name is longer than 1,024 characters, or no text; a client that is
                                   \\ alone, or a domain without a user, LAB\
    Not enough Memory              on the server
    Client Name not found          no session is from that client
    User Not Found                 no session is of that user
    unknown Error: N: ...          anything else, with the number that Windows has for it and an explanation

A client and a user that together match nothing are C<Client Name not found> if that client has no session at all, else
C<User Not Found>; to find out the server is asked once more.

The numbers one is likely to meet: 53, no such server or no way to it; 121, it did not answer in time; 1326, wrong name
or password; 1909, the account is locked; 124, it has no such level. Where Windows has no number either it is 59.
Each question with a wrong password counts as a failed log-on: a script that asks in a loop should stop at 1326, before
the account is locked.

What is the matter with this machine croaks in words of its own:

    cannot run the program ...                  it is not installed, or not where PATH or NETSESSION_BIN say
    the program ... has version ..., which is too old
    the program gave something else than netsession's JSON: ...
    the program ... ended with exit code 2: no login: ...
    the program ... was ended by signal ...

=head1 ENVIRONMENT

=over 4

=item NETSESSION_BIN

The program, if it is not F<netsession> in C<PATH>. A name only, no arguments.

=item NETSESSION_LOGIN, NETSESSION_PASSWORD

Who asks, C<LAB\admin>, C<LAB/admin> or C<admin@EXAMPLE.COM>, and the password. Without one the program asks on the
terminal.

=item NETSESSION_AUTH_FILE

A file with lines C<username = ...>, C<password = ...> and C<domain = ...>, instead of both.

=back

The program takes whatever else it takes its log-on from, such as a Kerberos ticket where it was built with that; see
its manual. Nothing of it ever stands in an argument list, which other users of the machine can read.

=head1 DIFFERENCES FROM THE ORIGINAL

Numbers have no sign; a list of any length is whole; level 0 works; both user flags are reported; with no session there is
an empty hash, where the original returned a reference to -1.

C<ClientName> has no C<\\> in front, where the original had it from Windows servers and not from others. A client in
C<new> may have it or not, where the original wanted it. C<AUTOLOAD> and its constants, which never worked, are gone.

=head1 COST

10,000 sessions at level 1 from a Samba server on the same machine, two cores with other work on them, medians of 26
runs, the start of everything included, and with Perl that of F<netsession>, which it runs:

                                wall       CPU        memory
    netsession list -f jsonl    0.15 s    0.015 s      8 MiB
    with JSON::XS               0.22 s    0.087 s     20 MiB
    with JSON::PP               0.97 s    0.87  s     21 MiB

Through Perl with JSON::XS a listing takes 1.46 times as long as without, and 5.5 times the CPU time: Perl needs more of
that for 10,000 hashes than the program for the question and the answer. With JSON::PP it is 7 times and 56 times, so
install JSON::XS where listings are long. C<Sessions> makes a second hash for each session, for those who call it.

It was measured by C<cargo xtask bench --perl> in F<netsession>'s repository, which fails if it takes more than twice as
long with JSON::XS, beside the start of Perl.

=head1 LIMITATIONS

In taint mode (C<perl -T>) the environment must be clean, as for every program that a script runs: set or check C<PATH>
and NETSESSION_BIN, else it dies with C<Insecure ...>.

It waits for the program, which waits for the server for ten seconds at the most. A handler for a signal that dies ends
both at once:

    my $info = eval {
        local $SIG{ALRM} = sub { die "too slow\n" };
        alarm 3;
        $session->GetSessionInfo;
    };
    alarm 0;

A handler for C<CHLD> is not called for the program, and C<$?>, C<$!> and C<$@> stay as they are.

On Windows it needs Perl 5.22, whose list form of C<open> it uses. There every program gets one command line and takes it
apart by itself: the module quotes each argument as the C library of Windows reads it, and refuses F<.bat> and F<.cmd>
files, which go by other rules. Names must have their characters in the code page of the system; others croak with
C<Invalid Parameter>. Elsewhere it needs Perl 5.14.

Tested with Perl 5.36 on Debian 12, JSON::XS 4.04 and JSON::PP 4.07. Not tested yet on Windows and macOS, and with
older versions.

=head1 SEE ALSO

netsession(1), netsession-list(1); NetSessionEnum in Microsoft's documentation of the Win32 API; MS-SRVS 3.1.4.5.

=head1 AUTHOR

The netsession authors. The original, whose interface this is, was written by Reinhard Pagitsch.

=head1 COPYRIGHT AND LICENSE

Copyright 2026 the netsession authors. Licensed under the Apache License 2.0 or the MIT license, at your option.

=cut
