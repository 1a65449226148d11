# A paging server by Net::SNPP::Server, a process a connection: `snpp_perl.pl PORT FOLDER MAX_ERRORS`.
# Prints each page as a line of JSON. The reply to a two-way page is what stands in the file FOLDER/<tag>.
use strict;
use warnings;
use JSON::PP;
use Net::SNPP::Server;

my ($port, $folder, $most_errors) = @ARGV;
my $json = JSON::PP->new->ascii->canonical;
my $tag = "";
$| = 1;
$SIG{CHLD} = 'IGNORE';

my $server = Net::SNPP::Server->new(Port => $port, BindTo => '127.0.0.1', MaxErrors => $most_errors);
$server->callback('write_log', sub { });
$server->callback('validate_pager_id', sub { return defined $_[0] && $_[0] =~ /^\d{4,}$/ ? $_[0] : undef; });
$server->callback('process_page', sub {
    my ($pager, $page) = @_;
    $tag = "$$" . time() % 100000;
    my %kept = (%$page, pager => $pager->[0], tag => $tag);
    syswrite(STDOUT, $json->encode(\%kept) . "\n");
    return 1;
});
$server->callback('create_id_and_pin', sub { return ($tag, scalar reverse $tag); });
$server->custom_command('MSTA', sub {
    my ($of, $pin) = @_;
    return ("550 Unknown or Illegal Message_Tag or Pass_Code", 1) if !defined $pin || $pin ne scalar reverse $of;
    open(my $file, '<', "$folder/$of") or return ("861 $of 261127120000+0800 Delivered, Awaiting Reply (MCR)", 1);
    local $/;
    my $said = <$file>;
    return ("889 $of 261127120000+0800 $said", 1);
});
$server->custom_command('KTAG', sub { return ("250 OK, Message Tag Killed", 1); });

print "ready\n";
while (1) {
    my $client = $server->client();
    next if !fileno($client);
    next if fork();
    $server->handle_client($client);
    exit 0;
}
