//! Which client a request comes from.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};

/// Who is counted as one client: an IPv4 address, or the /48 of an IPv6 one, since that is what one customer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Client(IpAddr);

impl Client {
    /// The client behind a connection from `peer` whose request has these `X-Forwarded-For` lists, in order.
    ///
    /// Proxies append who they heard from, so the list is read from its end for as long as the speaker is trusted;
    /// what stands before the first stranger may be invented.
    pub(crate) fn new<'a>(
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
        trusted: &[IpNet],
    ) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
        let mut client = peer.to_canonical();
        for entry in forwarded.rev().flat_map(|list| list.rsplit(',')) {
            if !is_trusted(client) {
                break;
            }
            // Who writes nonsense is counted as the one who passed it on.
            let Some(address) = read(entry) else { break };
            client = address;
        }
        Self(match client {
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }

    /// Whether it is this machine itself: an operator's tool, or a proxy that is not trusted and speaks for everybody.
    pub(crate) const fn is_here(&self) -> bool {
        // The /48 of ::1 is ::, which is nobody else's.
        self.0.is_loopback() || self.0.is_unspecified()
    }
}

/// An address, alone or with a port.
fn read(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let address: Option<IpAddr> = entry.parse().ok().or_else(|| {
        let with_port: Option<std::net::SocketAddr> = entry.parse().ok();
        with_port.map(|address| address.ip())
    });
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().expect("a net"), "fd00::/8".parse().expect("a net")];
        Client::new(peer.parse().expect("an address"), forwarded.iter().copied(), &trusted).0.to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_about_whom_they_heard() {
        for (peer, forwarded, client) in [
            ("203.0.113.9", vec![], "203.0.113.9"),
            ("203.0.113.9", vec!["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["6.6.6.6", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", vec!["198.51.100.1:443"], "198.51.100.1"),
            ("10.0.0.1", vec!["198.51.100.1, nonsense"], "10.0.0.1"),
            ("::ffff:10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            ("fd00::1", vec!["[2001:db8:1:2::3]:80"], "2001:db8:1::"),
        ] {
            assert_eq!(seen(peer, &forwarded), client, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_customers_ipv6_addresses_are_one_client() {
        assert_eq!(seen("2001:db8:1:2::3", &[]), seen("2001:db8:1:ffff::9", &[]));
        assert_ne!(seen("2001:db8:1::1", &[]), seen("2001:db8:2::1", &[]));
    }
}
