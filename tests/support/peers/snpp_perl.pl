# A paging server by Net::SNPP::Server: writes each page as one line, "pager<TAB>text".
use strict;
use warnings;
use Net::SNPP::Server;

$| = 1;
my $server = Net::SNPP::Server->new(Port => $ARGV[0], BindTo => '127.0.0.1', MaxConn => 50)
  or die "no server: $!";
$server->callback('process_page', sub {
    my ($pager, $page, $results) = @_;
    my $text = ref $page eq 'HASH' ? $page->{mess} // join(' ', @{ $page->{data} // [] }) : $page;
    print "$pager->[0]\t$text\n";
    push @$results, { pgr => $pager->[0] };
    return 1;
});
$server->callback('validate_pager_id', sub { return $_[0]; });
print "ready\n";
while (1) {
    my $client = $server->client();
    next unless $client;
    $server->handle_client($client);
}
