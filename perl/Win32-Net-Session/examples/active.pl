use strict;
use warnings;
use Win32::Net::Session;

my $SESS = Win32::Net::Session->new($ARGV[0], 3, "", "");
my $ret = $SESS->GetSessionInfo();
my $numsessions = $SESS->NumberofSessions();
if($numsessions == 0) {print "No Clients connected\n"; exit; }
print "Number of Sessions: " . $numsessions . "\n";
my %hash = %$ret;
for(my $count = 0; $count < $numsessions; $count++)
{
    my %h = %{$hash{$count}};
    print "The key: $count\n";
    foreach my $key (keys %h) { print "$key=" . $h{$key} . "\n"; }
    print "\n";
}
