# The parts of the distribution agree.
use strict;
use warnings;

use CPAN::Meta ();
use ExtUtils::Manifest ();
use Module::CoreList ();
use Test::More;

use Win32::Net::Session;

{
    local $ExtUtils::Manifest::Quiet = 1;
    is_deeply([ExtUtils::Manifest::manicheck()], [], 'everything in MANIFEST is there');
    # Where it has been built there is more than in a checkout.
    is_deeply([ExtUtils::Manifest::filecheck()], [], '... and everything that is there is in MANIFEST');
}
for my $file ('META.json', 'META.yml') {
    my $meta = CPAN::Meta->load_file($file);
    is($meta->version, Win32::Net::Session->VERSION, "$file has the version of the module");
    is($meta->provides->{'Win32::Net::Session'}{version}, $meta->version, '... also where it says what it provides');
    # By a method that was there when that Perl came out.
    my $required = $meta->effective_prereqs->requirements_for('runtime', 'requires')->as_string_hash;
    is($required->{perl}, '5.014', '... and the oldest Perl');
    my @others = grep { $_ ne 'perl' } sort keys %$required;
    is_deeply([grep { !defined $Module::CoreList::version{5.014}{$_} } @others], [], '... which had everything it needs');
    my @old = grep { version->parse($Module::CoreList::version{5.014}{$_}) < version->parse($required->{$_}) } @others;
    is_deeply(\@old, [], '... and new enough');
}
open my $changes, '<', 'Changes' or die $!;
my ($latest) = map { /\A([0-9.]+)\s/ ? $1 : () } <$changes>;
is($latest, Win32::Net::Session->VERSION, 'Changes begins with this version');

done_testing;
