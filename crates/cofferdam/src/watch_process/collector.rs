//! A collector of syslog messages over TLS (RFC 5425): each message framed by its length.

use crate::alerts::frame;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

/// How long the collector may take for anything.
const WAIT: Duration = Duration::from_secs(10);

/// How long an end may take, and how much is read meanwhile.
const CLOSING: Duration = Duration::from_secs(1);
const READS_MAX: u32 = 16;

/// The collector, connected or not.
pub(super) struct Collector {
    target: String,
    port: u16,
    addresses: Vec<SocketAddr>,
    name: ServerName<'static>,
    tls: Arc<ClientConfig>,
    host: String,
    stream: Option<StreamOwned<ClientConnection, TcpStream>>,
}

impl Collector {
    /// Reads what the settings say of it, and the certificate to trust; its address is not looked
    /// up yet.
    pub(super) fn new(home: &Home, config: &Config) -> Outcome<Collector> {
        let target = config.alerts_syslog.clone();
        let wrong = || {
            let text = "is not a host and port, such as siem.example:6514";
            Failure::Asked(format!("alerts_syslog `{target}` {text}"))
        };
        let (name, port) = target.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?;
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(name.to_owned()).map_err(|_| wrong())?;
        let tls = authority(home, config)?;
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = host.trim().to_owned();
        Ok(Collector { target, port, addresses: Vec::new(), name, tls, host, stream: None })
    }

    /// Looks up its address, while there are no walls yet. Whether it was found.
    pub(super) fn look_up(&mut self) -> bool {
        match self.target.to_socket_addrs() {
            Ok(found) => self.addresses = found.collect(),
            Err(why) => tracing::error!(%why, "the address of alerts_syslog cannot be looked up"),
        }
        !self.addresses.is_empty()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// This machine's name, as messages carry it.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Sends one message. A collector never answers, so one that went away is noticed late; then
    /// the message is sent again on a new connection.
    pub(super) fn send(&mut self, message: &str) -> io::Result<()> {
        let mut stream = match self.stream.take().filter(is_there) {
            Some(stream) => stream,
            None => self.connect()?,
        };
        stream.write_all(&frame(message))?;
        stream.flush()?;
        self.stream = Some(stream);
        Ok(())
    }

    fn connect(&self) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in &self.addresses {
            match TcpStream::connect_timeout(address, WAIT) {
                Ok(socket) => {
                    socket.set_read_timeout(Some(WAIT))?;
                    socket.set_write_timeout(Some(WAIT))?;
                    let session = ClientConnection::new(Arc::clone(&self.tls), self.name.clone());
                    return Ok(StreamOwned::new(session.map_err(io::Error::other)?, socket));
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

impl Drop for Collector {
    /// Says that it ends and reads what came meanwhile: a socket that is closed with something
    /// unread in it takes back what the other side has not read yet.
    fn drop(&mut self) {
        let Some(mut stream) = self.stream.take() else { return };
        stream.conn.send_close_notify();
        let ended = stream.flush().and_then(|()| stream.sock.shutdown(Shutdown::Write));
        if ended.is_ok() && stream.sock.set_read_timeout(Some(CLOSING)).is_ok() {
            let mut rest = [0; 4096];
            for _ in 0..READS_MAX {
                if !matches!(stream.sock.read(&mut rest), Ok(count) if count > 0) {
                    break;
                }
            }
        }
    }
}

/// Whether the other side is still there: nothing comes from it but its end.
fn is_there(stream: &StreamOwned<ClientConnection, TcpStream>) -> bool {
    if stream.sock.set_nonblocking(true).is_err() {
        return false;
    }
    let seen = stream.sock.peek(&mut [0]);
    let quiet = matches!(&seen, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
        || matches!(seen, Ok(count) if count > 0);
    stream.sock.set_nonblocking(false).is_ok() && quiet
}

/// The certificate that the collector is known by. Without one nothing would ever be told.
fn authority(home: &Home, config: &Config) -> Outcome<Arc<ClientConfig>> {
    let path = &config.alerts_syslog_ca;
    if path.as_os_str().is_empty() {
        let text = "alerts_syslog takes alerts_syslog_ca, a PEM file with the certificate to trust";
        return Err(Failure::Asked(text.into()));
    }
    let path = home.path().join(path);
    let pem = std::fs::read(&path).and_then(|pem| tls(&pem));
    pem.map_err(|error| {
        Failure::Asked(format!("alerts_syslog_ca cannot be used: {}: {error}", path.display()))
    })
}

fn tls(pem: &[u8]) -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    if roots.is_empty() {
        return Err(io::Error::other("there is no certificate in it"));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(io::Error::other)?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConfig, ServerConnection};
    use std::net::TcpListener;

    /// A collector that takes one connection and hands over the messages, by their lengths.
    fn listen(
        listener: TcpListener,
        made: &rcgen::CertifiedKey<rcgen::KeyPair>,
    ) -> std::thread::JoinHandle<Vec<String>> {
        let chain = vec![made.cert.der().clone()];
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        std::thread::spawn(move || {
            let (socket, _) = listener.accept().unwrap();
            let session = ServerConnection::new(Arc::new(config)).unwrap();
            let mut bytes = Vec::new();
            let _ = StreamOwned::new(session, socket).read_to_end(&mut bytes);
            let mut text = String::from_utf8(bytes).unwrap();
            let mut messages = Vec::new();
            while let Some((length, rest)) = text.split_once(' ') {
                let length: usize = length.parse().unwrap();
                messages.push(rest[..length].to_owned());
                text = rest[length..].to_owned();
            }
            messages
        })
    }

    fn collector(address: SocketAddr, pem: &str) -> Collector {
        let tls = tls(pem.as_bytes()).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let (target, port, host) = (address.to_string(), address.port(), "here".into());
        Collector { target, port, addresses: vec![address], name, tls, host, stream: None }
    }

    #[test]
    fn messages_arrive_whole_and_in_order() {
        let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut collector = collector(listener.local_addr().unwrap(), &made.cert.pem());
        let heard = listen(listener, &made);
        collector.send("<84>1 one").unwrap();
        collector.send("<84>1 zwei ü").unwrap();
        drop(collector);
        assert_eq!(heard.join().unwrap(), ["<84>1 one", "<84>1 zwei ü"]);
    }

    #[test]
    fn a_collector_with_another_certificate_hears_nothing() {
        let names = || ["localhost".into()];
        let made = rcgen::generate_simple_self_signed(names()).unwrap();
        let other = rcgen::generate_simple_self_signed(names()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut collector = collector(listener.local_addr().unwrap(), &other.cert.pem());
        let heard = listen(listener, &made);
        assert!(collector.send("<84>1 secret").is_err());
        assert!(heard.join().unwrap().is_empty());
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert!(tls(b"").is_err());
        assert!(tls(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----").is_err());
    }
}
