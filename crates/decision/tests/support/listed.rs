//! RFC 6962 by its definitions, so that jobs are judged by a second reading of them.
#![allow(dead_code, unreachable_pub)]

use crate::world::file;
use keyproto::jws::sha256;

/// The files of a job, as officers sign for them.
#[derive(Clone)]
pub struct Listed {
    /// Numbers of the files, in the order of their ids.
    pub numbers: Vec<u64>,
    leaves: Vec<[u8; 32]>,
}

impl Listed {
    pub fn of(numbers: &[u64]) -> Listed {
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable_by_key(|number| *file(*number).id.as_bytes());
        numbers.dedup();
        let leaf = |number: &u64| sha256(&[&[0], &file(*number).id.as_bytes()[..]].concat());
        Listed { leaves: numbers.iter().map(leaf).collect(), numbers }
    }

    pub fn root(&self) -> [u8; 32] {
        root(&self.leaves)
    }

    pub fn index(&self, number: u64) -> Option<u64> {
        self.numbers.iter().position(|one| *one == number).map(|at| at as u64)
    }

    pub fn path(&self, index: u64) -> Vec<[u8; 32]> {
        path(index as usize, &self.leaves)
    }
}

fn root(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(half(leaves.len()));
            sha256(&[&[1], &root(left)[..], &root(right)].concat())
        }
    }
}

fn path(index: usize, leaves: &[[u8; 32]]) -> Vec<[u8; 32]> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let half = half(leaves.len());
    let (left, right) = leaves.split_at(half);
    let (mut below, other) = if index < half {
        (path(index, left), root(right))
    } else {
        (path(index - half, right), root(left))
    };
    below.push(other);
    below
}

fn half(count: usize) -> usize {
    count.next_power_of_two() / 2
}
