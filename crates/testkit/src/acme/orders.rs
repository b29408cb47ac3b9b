//! Orders: from the names to the certificate (RFC 8555 section 7.4).

use std::net::SocketAddr;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::jws::{self, Signed};
use super::{Problem, World, validate};

/// An order of an account.
pub(super) struct Order {
    account: usize,
    names: Vec<Asked>,
    chain: Option<String>,
}

/// A name of an order and how far its proof is.
#[derive(Clone)]
struct Asked {
    name: String,
    token: String,
    proof: Proof,
}

#[derive(Clone)]
enum Proof {
    Pending,
    Valid,
    Failed(Problem),
}

impl Order {
    fn status(&self) -> &'static str {
        let failed = self.names.iter().any(|name| matches!(name.proof, Proof::Failed(_)));
        let proven = self.names.iter().all(|name| matches!(name.proof, Proof::Valid));
        match &self.chain {
            Some(_) => "valid",
            None if failed => "invalid",
            None if proven => "ready",
            None => "pending",
        }
    }

    fn json(&self, base: &str, number: usize) -> Value {
        let authorizations: Vec<String> = (0..self.names.len()).map(|name| format!("{base}/authorization/{number}/{name}")).collect();
        let mut order = json!({"status": self.status(), "authorizations": authorizations, "finalize": format!("{base}/finalize/{number}")});
        if self.chain.is_some() {
            order["certificate"] = format!("{base}/certificate/{number}").into();
        }
        order
    }
}

impl Asked {
    fn challenge(&self, base: &str, order: usize, number: usize) -> Value {
        let status = match &self.proof {
            Proof::Pending => "pending",
            Proof::Valid => "valid",
            Proof::Failed(_) => "invalid",
        };
        let mut challenge = json!({"type": "tls-alpn-01", "status": status, "token": self.token,
                                   "url": format!("{base}/challenge/{order}/{number}")});
        if let Proof::Failed(problem) = &self.proof {
            challenge["error"] = problem.json();
        }
        challenge
    }
}

pub(super) fn create(world: &World, signed: &Signed) -> Result<Response, Problem> {
    let mut books = world.books();
    if let Some(refusal) = &books.refusal {
        return Err(refusal.clone());
    }
    let identifiers = signed.payload["identifiers"].as_array().ok_or_else(|| Problem::malformed("no identifiers"))?;
    let names: Option<Vec<&str>> = identifiers.iter().map(|one| one["value"].as_str().filter(|_| one["type"] == "dns")).collect();
    let names = names.filter(|names| !names.is_empty()).ok_or_else(|| Problem::malformed("no names"))?;
    let names = names.into_iter().map(|name| Asked { name: name.to_owned(), token: jws::random(), proof: Proof::Pending }).collect();
    let (number, order) = (books.orders.len(), Order { account: signed.account, names, chain: None });
    let answer = order.json(&world.base, number);
    books.orders.push(order);
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("{}/order/{number}", world.base))], Json(answer)).into_response())
}

/// Works on an order of the account that asks.
fn with<T>(world: &World, signed: &Signed, number: usize, work: impl FnOnce(&mut Order) -> Result<T, Problem>) -> Result<T, Problem> {
    let mut books = world.books();
    let order = books.orders.get_mut(number).filter(|order| order.account == signed.account);
    work(order.ok_or_else(|| Problem::new(404, "malformed", "no such order"))?)
}

fn named(order: &mut Order, number: usize) -> Result<&mut Asked, Problem> {
    order.names.get_mut(number).ok_or_else(|| Problem::new(404, "malformed", "no such name"))
}

pub(super) fn read(world: &World, signed: &Signed, number: usize) -> Result<Response, Problem> {
    with(world, signed, number, |order| Ok(Json(order.json(&world.base, number)).into_response()))
}

pub(super) fn authorization(world: &World, signed: &Signed, number: usize, name: usize) -> Result<Response, Problem> {
    with(world, signed, number, |order| {
        let found = named(order, name)?;
        let challenge = found.challenge(&world.base, number, name);
        let other = json!({"type": "http-01", "status": "pending", "token": found.token, "url": format!("{}/none", world.base)});
        let identifier = json!({"type": "dns", "value": found.name});
        Ok(Json(json!({"status": challenge["status"], "identifier": identifier, "challenges": [other, challenge]})).into_response())
    })
}

/// Proves the name by a connection to where its port 443 is.
pub(super) async fn challenge(world: &World, signed: &Signed, number: usize, name: usize) -> Result<Response, Problem> {
    let asked = with(world, signed, number, |order| named(order, name).map(|name| name.clone()))?;
    let (place, authorization): (Option<SocketAddr>, String) = {
        let books = world.books();
        (books.places.get(&asked.name).copied(), books.accounts[signed.account].key_authorization(&asked.token))
    };
    let proof = match validate::prove(&asked.name, place, &authorization).await {
        Ok(()) => Proof::Valid,
        Err(problem) => {
            world.books().failures += 1;
            Proof::Failed(problem)
        }
    };
    with(world, signed, number, |order| {
        let found = named(order, name)?;
        found.proof = proof;
        Ok(Json(found.challenge(&world.base, number, name)).into_response())
    })
}

pub(super) fn finalize(world: &World, signed: &Signed, number: usize) -> Result<Response, Problem> {
    let lifetime = world.books().lifetime;
    let answer = with(world, signed, number, |order| {
        if order.status() != "ready" {
            return Err(Problem::new(403, "orderNotReady", order.status()));
        }
        let request = signed.payload["csr"].as_str().ok_or_else(|| Problem::malformed("no csr"))?;
        let names: Vec<String> = order.names.iter().map(|name| name.name.clone()).collect();
        order.chain = Some(world.issuer.issue(request, &names, lifetime)?);
        Ok(Json(order.json(&world.base, number)).into_response())
    })?;
    world.books().issued += 1;
    Ok(answer)
}

pub(super) fn certificate(world: &World, signed: &Signed, number: usize) -> Result<Response, Problem> {
    with(world, signed, number, |order| {
        let chain = order.chain.clone().ok_or_else(|| Problem::new(403, "orderNotReady", order.status()))?;
        Ok(([(header::CONTENT_TYPE, "application/pem-certificate-chain")], chain).into_response())
    })
}
