//! Failures of those who proved nothing yet, by address: each costs the keyholder a ledger entry.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most addresses that are remembered; where there are more, all of them are forgotten.
const ADDRESSES_MAX: usize = 65_536;

/// Counts failed sign-ins, tokens and orders, or messages and looks of anybody, by address.
pub(crate) struct Throttle {
    most: u32,
    window: Duration,
    failures: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Throttle {
    /// Lets an address fail so often in this span.
    pub(crate) fn new(most: u32, window: Duration) -> Throttle {
        Throttle { most, window, failures: Mutex::default() }
    }

    /// Whether this address may try.
    pub(crate) fn lets(&self, address: IpAddr, now: Instant) -> bool {
        let map = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(&network(address)).is_none_or(|(began, failed)| {
            *failed < self.most || now.duration_since(*began) >= self.window
        })
    }

    /// This address failed.
    pub(crate) fn failed(&self, address: IpAddr, now: Instant) {
        let mut map = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= ADDRESSES_MAX {
            map.retain(|_, (began, _)| now.duration_since(*began) < self.window);
            if map.len() >= ADDRESSES_MAX {
                map.clear();
            }
        }
        let row = map.entry(network(address)).or_insert((now, 0));
        if now.duration_since(row.0) >= self.window {
            *row = (now, 0);
        }
        row.1 = row.1.saturating_add(1);
    }
}

/// Whoever has one IPv6 address has the other 2^64 of its network as well.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        },
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(60);

    #[test]
    fn an_address_fails_so_often_in_a_span_and_others_are_untouched() {
        let (throttle, now) = (Throttle::new(2, WINDOW), Instant::now());
        let [bad, same, good]: [IpAddr; 3] =
            ["2001:db8::1", "2001:db8::ffff", "192.0.2.1"].map(|a| a.parse().unwrap());
        throttle.failed(bad, now);
        assert!(throttle.lets(bad, now));
        throttle.failed(same, now);
        assert!(!throttle.lets(bad, now) && !throttle.lets(same, now));
        assert!(throttle.lets(good, now));
        assert!(throttle.lets(bad, now + WINDOW));
        throttle.failed(bad, now + WINDOW);
        assert!(throttle.lets(bad, now + WINDOW));
    }

    #[test]
    fn addresses_are_bounded() {
        let (throttle, now) = (Throttle::new(1, WINDOW), Instant::now());
        for number in 0..=ADDRESSES_MAX as u32 {
            throttle.failed(IpAddr::V4(number.into()), now);
        }
        assert!(throttle.failures.lock().unwrap().len() <= ADDRESSES_MAX);
    }
}
