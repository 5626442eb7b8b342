//! Values as they are typed, checked against the shape of their field.

use super::super::rule::same_network;
use super::number::{parse_asn, parse_duration_ms};
use super::shape::{Field, Rule, Shape};
use crate::error::Violation;
use crate::model::{PolicyRule, Value};

impl Field {
    /// Reads a flag's values.
    ///
    /// # Errors
    /// The rule that the value breaks, with what is allowed. Never the value of a secret.
    pub fn parse(&self, texts: &[String]) -> Result<Value, Violation> {
        let shown = if matches!(self.shape, Shape::Secret(_) | Shape::Certificate) { None } else { Some(texts.join(",")) };
        self.value(texts).map_err(|rule| Violation { setting: self.key.named(), value: shown, rule })
    }

    fn value(&self, texts: &[String]) -> Result<Value, String> {
        let one = || texts.last().map(String::as_str).unwrap_or_default();
        let items = || texts.iter().flat_map(|text| text.split(',')).map(|item| item.trim().to_owned());
        match &self.shape {
            Shape::Words(words) => words.parse(one()).map(Value::term),
            Shape::Number { min, max, .. } => {
                let number = one().parse::<u64>().ok().filter(|number| (min..=max).contains(&number));
                number.map(Value::Number).ok_or_else(|| format!("must be a whole number from {min} to {max}"))
            }
            Shape::Duration { min, max, unit_ms, .. } => {
                let rule = || format!("must be {}", self.allowed());
                let ms = parse_duration_ms(one())
                    .ok_or_else(|| format!("{}: a number of seconds, or numbers with units from ms to d, such as 8h30m", rule()))?;
                if ms % unit_ms != 0 || !(min..=max).contains(&&(ms / unit_ms)) {
                    return Err(rule());
                }
                Ok(Value::Number(ms / self.key_unit_ms()))
            }
            Shape::Switch(_) => match one().to_ascii_lowercase().as_str() {
                "on" | "true" | "yes" => Ok(Value::Switch(true)),
                "off" | "false" | "no" => Ok(Value::Switch(false)),
                _ => Err("must be on or off".to_owned()),
            },
            Shape::Text(rule) => check(rule, one()).map(|()| Value::Text(one().to_owned())),
            Shape::List { max, each, .. } => {
                let items: Vec<String> = items().collect();
                if items.len() > *max {
                    return Err(format!("holds {} entries; at most {max} are allowed", items.len()));
                }
                for (place, item) in items.iter().enumerate() {
                    check(each, item).map_err(|rule| format!("{item:?} {rule}"))?;
                    if items.iter().take(place).any(|earlier| same_network(earlier, item)) {
                        return Err(format!("{item:?} is given twice"));
                    }
                }
                Ok(Value::List(items))
            }
            Shape::Rules { max, max_destinations, network, .. } => parse_rules(texts, *max, *max_destinations, network),
            Shape::Asn(_) => {
                parse_asn(one()).map(Value::Number).ok_or_else(|| "must be 1 to 4294967295, or HIGH.LOW with both below 65536".to_owned())
            }
            Shape::Secret(rule) => check(rule, one()).map(|()| Value::secret(one())),
            Shape::Certificate => {
                let pem = one().trim();
                if pem.contains("-----BEGIN CERTIFICATE-----") && pem.contains("-----END CERTIFICATE-----") {
                    Ok(Value::Text(pem.to_owned()))
                } else {
                    Err("must be a PEM certificate (-----BEGIN CERTIFICATE-----)".to_owned())
                }
            }
        }
    }
}

fn check(rule: &Rule, text: &str) -> Result<(), String> {
    if (rule.check)(text) { Ok(()) } else { Err(format!("must be {}", rule.text)) }
}

fn parse_rules(texts: &[String], max: usize, max_destinations: usize, network: &Rule) -> Result<Value, String> {
    let rules: Vec<PolicyRule> = texts.iter().map(|text| PolicyRule::parse(text)).collect::<Result<_, _>>()?;
    if rules.len() > max {
        return Err(format!("{} rules are given; at most {max} are allowed", rules.len()));
    }
    for (place, rule) in rules.iter().enumerate() {
        let earlier = || rules.iter().take(place);
        for item in std::iter::once(&rule.source).chain(&rule.destinations) {
            check(network, item).map_err(|text| format!("{item:?} {text}"))?;
        }
        if rule.destinations.len() > max_destinations {
            return Err(format!("rule {rule} has {} remote networks; at most {max_destinations} are allowed", rule.destinations.len()));
        }
        if rule.index.is_some_and(|index| index > 50) {
            return Err(format!("index {} must be 0 to 50", rule.index.unwrap_or_default()));
        }
        if rule.index.is_some() && earlier().any(|other| other.index == rule.index) {
            return Err(format!("index {} is given twice", rule.index.unwrap_or_default()));
        }
        if earlier().any(|other| same_network(&other.source, &rule.source)) {
            return Err(format!("local network {} is given twice; put its remote networks into one rule", rule.source));
        }
    }
    Ok(Value::Rules(rules))
}
