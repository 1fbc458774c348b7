package FakeProgram;

# A program that is run in place of netsession: it writes down its arguments and says what it was told to.

use strict;
use warnings;

use File::Temp ();
use Test::More;

sub import {
    plan skip_all => 'the fake program is a script with a #! line, which Windows does not run'
        if $^O eq 'MSWin32';
    return;
}

# Answers, in turn, each { out => BYTES, err => BYTES, exit => CODE, signal => NAME, sleep => SECONDS }; the last one again
# and again. `version` is what --version prints.
sub new {
    my ($class, %options) = @_;
    my $dir = File::Temp->newdir;
    my $self = bless { dir => $dir, path => "$dir/" . ($options{name} || 'netsession') }, $class;
    my @answers = @{ $options{answers} || [] };
    for my $index (0 .. $#answers) {
        my %answer = (out => '', err => '', exit => 0, signal => '', sleep => 0, %{ $answers[$index] });
        _write("$dir/$_-$index", $answer{$_}) for keys %answer;
    }
    my $version = defined $options{version} ? $options{version} : "netsession 0.1.0\n";
    _write("$dir/version", $version);
    _write("$dir/last", $#answers);
    _write($self->{path}, "#!$^X\n" . _script("$dir"));
    chmod 0755, $self->{path} or die $!;
    return $self;
}

sub path { return $_[0]{path} }

sub dir { return "$_[0]{dir}" }

# The arguments of each run but those for the version.
sub runs {
    my $self = shift;
    open my $log, '<:raw', "$self->{dir}/log" or return;
    my @runs = map { chomp; [map { pack 'H*', $_ } split /,/, $_, -1] } <$log>;
    return @runs;
}

sub _write {
    my ($path, $bytes) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print {$file} $bytes;
    close $file or die $!;
    return;
}

sub _script {
    my $dir = quotemeta shift;
    return <<"END";
my \$dir = "$dir";
sub slurp { open my \$file, '<:raw', "\$dir/\$_[0]" or die \$!; local \$/; my \$text = <\$file>; \$text }
binmode STDOUT;
if (\@ARGV == 1 && \$ARGV[0] eq '--version') { print slurp('version'); exit }
open my \$log, '>>:raw', "\$dir/log" or die \$!;
print {\$log} join(',', map { unpack 'H*', \$_ } \@ARGV), "\\n";
close \$log;
my \$turn = () = split /\\n/, slurp('log'), -1;
\$turn = \$turn - 2;
\$turn = slurp('last') if \$turn > slurp('last');
print slurp("out-\$turn");
print STDERR slurp("err-\$turn");
sleep slurp("sleep-\$turn") if slurp("sleep-\$turn");
close STDOUT;
if (my \$signal = slurp("signal-\$turn")) { kill \$signal, \$\$; sleep 10 }
exit slurp("exit-\$turn");
END
}

1;
