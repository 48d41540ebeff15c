//! Sessions that signed in through this server: an access token is a random name for one.

use crate::scopes::Scope;
use crate::settings::Bounds;
use aws_lc_rs::rand;
use data_encoding::BASE64URL_NOPAD;
use keyproto::jws::sha256;
use keyproto::message::Session;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use terms::{SessionId, Time};

/// Live sessions by the hash of their access token; memory alone holds them.
pub(crate) struct Sessions {
    by_token: RwLock<HashMap<[u8; 32], Live>>,
    most: usize,
}

/// A session, and what it signed in for.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) session: Arc<Session>,
    pub(crate) scope: Arc<Scope>,
}

impl Sessions {
    pub(crate) fn new(bounds: &Bounds) -> Sessions {
        Sessions { by_token: RwLock::default(), most: bounds.sessions }
    }

    /// Remembers a session and returns its access token, or nothing where there is no room.
    pub(crate) fn begin(&self, session: Session, scope: Scope, now: Time) -> Option<String> {
        let mut secret = [0; 32];
        rand::fill(&mut secret).ok()?;
        let token = BASE64URL_NOPAD.encode(&secret);
        let mut map = self.by_token.write().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= self.most {
            map.retain(|_, live| live.session.until > now);
        }
        if map.len() >= self.most {
            return None;
        }
        let live = Live { session: Arc::new(session), scope: Arc::new(scope) };
        map.insert(sha256(token.as_bytes()), live);
        Some(token)
    }

    /// The session of an access token; found by hash, so that timing tells nothing about tokens.
    pub(crate) fn of(&self, token: &str, now: Time) -> Option<Live> {
        let map = self.by_token.read().unwrap_or_else(PoisonError::into_inner);
        map.get(&sha256(token.as_bytes())).filter(|live| live.session.until > now).cloned()
    }

    pub(crate) fn end(&self, ended: SessionId) {
        let mut map = self.by_token.write().unwrap_or_else(PoisonError::into_inner);
        map.retain(|_, live| live.session.session != ended);
    }

    /// Forgets sessions whose time is over.
    pub(crate) fn sweep(&self, now: Time) {
        let mut map = self.by_token.write().unwrap_or_else(PoisonError::into_inner);
        map.retain(|_, live| live.session.until > now);
    }

    pub(crate) fn len(&self) -> usize {
        self.by_token.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyproto::message::Hash;
    use terms::{CardId, PracticeId, Role};

    fn session(number: u8, until: u64) -> Session {
        Session {
            session: SessionId::from_bytes([number; 16]),
            card: CardId::from_bytes([0; 10]),
            role: Role::Doctor,
            practice: PracticeId::from_bytes([0; 10]),
            until: Time::from_millis(until),
            thumbprint: Hash::from([0; 32]),
            file: None,
        }
    }

    #[test]
    fn a_token_names_its_session_until_the_end() {
        let sessions = Sessions::new(&Bounds { sessions: 2, ..Bounds::default() });
        let now = Time::from_millis(10);
        let one = sessions.begin(session(1, 20), Scope::whole(), now).unwrap();
        let two = sessions.begin(session(2, 30), Scope::whole(), now).unwrap();
        assert!(one != two && one.len() == 43);
        assert_eq!(sessions.of(&two, now).unwrap().session.session, SessionId::from_bytes([2; 16]));
        assert!(sessions.of("", now).is_none());
        assert!(sessions.begin(session(3, 30), Scope::whole(), now).is_none(), "no room");
        let later = Time::from_millis(20);
        assert!(sessions.of(&one, later).is_none(), "its time is over");
        assert!(sessions.begin(session(3, 30), Scope::whole(), later).is_some(), "room again");
        sessions.end(SessionId::from_bytes([2; 16]));
        assert!(sessions.of(&two, later).is_none());
    }
}
