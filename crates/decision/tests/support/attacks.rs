//! What a taken-over server can try with the proofs that pass through it.

use crate::simulation::{FILES, Simulation, limits};
use crate::world::*;
use decision::{Core, State};
use keyproto::statement::ProofClaims;
use terms::Time;

impl Simulation {
    /// A taken-over server plays with what it saw.
    pub(crate) fn attack(&mut self) {
        if self.old.is_empty() || self.devices.is_empty() {
            return;
        }
        let at = self.old.len() - 1 - self.random.below(self.old.len().min(20) as u64) as usize;
        let (device, claims, text, proof, number) = &self.old[at];
        let (device, text, proof, number) = (device.clone(), text.clone(), *proof, *number);
        let claims = copy(claims);
        let other = self.random.pick(&self.devices).clone();
        self.proofs += 1;
        let new = self.proofs;
        match self.random.below(7) {
            // Again, as it was.
            0 => self.hand_over(&device, &device, &claims, &text, proof, number, true),
            // For another session, or through another server.
            1 if other.session != device.session => {
                self.hand_over(&other, &other, &claims, &text, proof, number, false);
            }
            2 if other.server != device.server => {
                self.hand_over(&device, &other, &claims, &text, proof, number, false);
            }
            // For another file.
            3 => {
                let wrong = number % FILES + 1;
                self.hand_over(&device, &device, &claims, &text, proof, wrong, false);
            }
            // Signed by a key of its own.
            4 => {
                let mut forged = self.world.claims("GET", &claims.htu);
                forged.sections = claims.sections;
                let text = Signer::new().prove(&forged);
                self.hand_over(&device, &device, &forged, &text, new, number, false);
            }
            // With a stale nonce, or one for another file.
            5 => {
                let mut stale = self.world.claims("GET", &claims.htu);
                let wrong = file(number % FILES + 1).id;
                let earlier = Time::from_millis(self.world.now.millis() - 121_000);
                let nonce = match self.random.below(2) {
                    0 => Core::new(State::default(), [self.random.next() as u8; 32], limits())
                        .nonce(earlier, None),
                    _ => self.world.core.nonce(self.world.now, Some(wrong)),
                };
                stale.nonce = Some(nonce);
                let text = device.signer.prove(&stale);
                self.hand_over(&device, &device, &stale, &text, new, number, false);
            }
            // With a counter that was used.
            _ => {
                let mut low = self.world.claims("GET", &claims.htu);
                low.counter = Some(self.counters / 2);
                let text = device.signer.prove(&low);
                self.hand_over(&device, &device, &low, &text, new, number, true);
            }
        }
    }
}

pub(crate) fn copy(claims: &ProofClaims) -> ProofClaims {
    ProofClaims {
        jti: claims.jti.clone(),
        htm: claims.htm.clone(),
        htu: claims.htu.clone(),
        nonce: claims.nonce.clone(),
        sections: claims.sections,
        purpose: claims.purpose,
        reason: claims.reason.clone(),
        counter: claims.counter,
        ..ProofClaims::default()
    }
}
