//! Pages in the shape in which Okta lists users: invented people, made from a seed.

use std::fmt::Write as _;

const FIRST: [&str; 16] = [
    "Ada",
    "Bruno",
    "Chiara",
    "Dmitri",
    "Élodie",
    "Fatima",
    "Günther",
    "Hana",
    "Ingrid",
    "Jörg",
    "Kenji",
    "Łucja",
    "Mónica",
    "Nguyễn",
    "Олена",
    "美咲",
];
const LAST: [&str; 14] = [
    "Quill",
    "Marsh",
    "Rossi",
    "Volkov",
    "Dupont",
    "Haddad",
    "Müller",
    "Nováková",
    "Larsen",
    "O'Hara",
    "田中",
    "Wójcik",
    "Петренко",
    "Okafor",
];
const TITLES: [&str; 6] =
    ["Engineer", "Senior Accountant", "Head of Support", "Designer (UX/UI)", "Lead, Platform & Tools", "Analyst"];
const DEPARTMENTS: [&str; 6] = ["Engineering", "Finance", "Support", "Design", "Legal & Compliance", "People"];
const GROUPS: [&str; 8] = ["everyone", "vpn", "eng-all", "billing-read", "prod-oncall", "wiki", "beta", "mac-users"];
const ROLES: [&str; 4] = ["Group Administrator", "Help Desk", "Read-only", "App owner"];
const CITIES: [(&str, &str, &str, &str, &str); 6] = [
    ("Zürich", "ZH", "CH", "Europe/Zurich", "de_CH"),
    ("São Paulo", "SP", "BR", "America/Sao_Paulo", "pt_BR"),
    ("東京", "Tokyo", "JP", "Asia/Tokyo", "ja_JP"),
    ("Leeds", "West Yorkshire", "GB", "Europe/London", "en_GB"),
    ("Austin", "TX", "US", "America/Chicago", "en_US"),
    ("Kraków", "Małopolskie", "PL", "Europe/Warsaw", "pl_PL"),
];
const STATUS: [&str; 8] =
    ["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "STAGED", "PROVISIONED", "SUSPENDED", "DEPROVISIONED"];

/// A generator of numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    fn id(&mut self, prefix: &str) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let letters = (0..17).map(|_| char::from(LETTERS[self.roll(LETTERS.len())]));
        format!("{prefix}{}", letters.collect::<String>())
    }

    fn time(&mut self, from: usize, years: usize) -> String {
        let (year, month, day) = (from + self.roll(years), 1 + self.roll(12), 1 + self.roll(28));
        format!("\"{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}.000Z\"", self.roll(24), self.roll(60), self.roll(60))
    }

    fn time_or_null(&mut self, percent: usize, from: usize, years: usize) -> String {
        if self.chance(percent) { self.time(from, years) } else { "null".to_owned() }
    }

    fn phone(&mut self) -> String {
        format!("\"+1-{}-555-{:04}\"", 200 + self.roll(700), self.roll(10_000))
    }

    /// `count` or fewer different names as a JSON array.
    fn some(&mut self, of: &[&str], count: usize) -> String {
        let from = self.roll(of.len());
        let names: Vec<_> = (0..1 + self.roll(count)).map(|n| format!("\"{}\"", of[(from + n) % of.len()])).collect();
        format!("[{}]", names.join(","))
    }
}

/// `pages` pages of `size` records each.
pub fn pages(pages: usize, size: usize) -> Vec<Vec<u8>> {
    let mut dice = Dice(0x5DEE_CE66_D1CE_5EED);
    (0..pages)
        .map(|page| {
            let records: Vec<_> = (0..size).map(|place| user(&mut dice, page * size + place)).collect();
            format!("[{}]", records.join(",")).into_bytes()
        })
        .collect()
}

fn user(dice: &mut Dice, number: usize) -> String {
    let (first, last) = (dice.pick(&FIRST), dice.pick(&LAST));
    let login = format!("person.{number}@acme.example.com");
    let status = dice.pick(&STATUS);
    let id = dice.id("00u");
    let richness = dice.roll(4);
    let second = if dice.chance(50) { format!("\"home{number}@example.org\"") } else { "null".to_owned() };
    let mut user = format!(
        "{{\"id\":\"{id}\",\"status\":\"{status}\",\"created\":{},\"activated\":{},\"statusChanged\":{},\"lastLogin\":{},\
         \"lastUpdated\":{},\"passwordChanged\":{},\"realmId\":\"{}\",\"type\":{{\"id\":\"{}\"}},\"profile\":{{",
        dice.time(2012, 7),
        dice.time_or_null(90, 2012, 7),
        dice.time(2018, 7),
        dice.time_or_null(80, 2024, 3),
        dice.time(2024, 3),
        dice.time_or_null(80, 2020, 7),
        dice.id("guo"),
        dice.id("oty"),
    );
    let mobile = if richness > 0 && dice.chance(70) { dice.phone() } else { "null".to_owned() };
    let _ = write!(
        user,
        "\"firstName\":\"{first}\",\"lastName\":\"{last}\",\"mobilePhone\":{mobile},\"secondEmail\":{second},\
         \"login\":\"{login}\",\"email\":\"{login}\""
    );
    if richness > 0 {
        middling(dice, &mut user, first, last, number);
    }
    if richness > 2 {
        rich(dice, &mut user, number);
    }
    let _ = write!(user, "}},\"credentials\":{{\"password\":{{}},\"emails\":[");
    let _ = write!(user, "{{\"value\":\"{login}\",\"status\":\"VERIFIED\",\"type\":\"PRIMARY\"}}");
    if second != "null" {
        let verified = if dice.chance(50) { "VERIFIED" } else { "UNVERIFIED" };
        let _ = write!(user, ",{{\"value\":{second},\"status\":\"{verified}\",\"type\":\"SECONDARY\"}}");
    }
    let base = format!("https://acme.example.com/api/v1/users/{id}");
    let _ = write!(
        user,
        "],\"recovery_question\":{{\"question\":\"What is the name of your first \\\"robot\\\"?\"}},\
         \"provider\":{{\"type\":\"OKTA\",\"name\":\"OKTA\"}}}},\"_links\":{{\"self\":{{\"href\":\"{base}\"}}"
    );
    if richness > 2 {
        for link in ["suspend", "resetPassword", "forgotPassword", "expirePassword", "changePassword", "deactivate"] {
            let _ = write!(user, ",\"{link}\":{{\"href\":\"{base}/lifecycle/{link}\",\"method\":\"POST\"}}");
        }
    }
    user.push_str("}}");
    user
}

fn middling(dice: &mut Dice, user: &mut String, first: &str, last: &str, number: usize) {
    let (city, state, country, zone, locale) = CITIES[dice.roll(CITIES.len())];
    let _ = write!(
        user,
        ",\"displayName\":\"{first} {last}\",\"title\":\"{}\",\"department\":\"{}\",\"organization\":\"Acme Example, Inc.\",\
         \"employeeNumber\":\"E{number:06}\",\"userType\":\"{}\",\"locale\":\"{locale}\",\"timezone\":\"{zone}\",\
         \"preferredLanguage\":\"{}\",\"city\":\"{city}\",\"state\":\"{state}\",\"countryCode\":\"{country}\",\
         \"managerId\":\"{}\",\"manager\":\"{} {}\",\"groups\":{}",
        dice.pick(&TITLES),
        dice.pick(&DEPARTMENTS),
        dice.pick(&["Employee", "Contractor"]),
        &locale[..2],
        dice.id("00u"),
        dice.pick(&FIRST),
        dice.pick(&LAST),
        dice.some(&GROUPS, 5),
    );
}

fn rich(dice: &mut Dice, user: &mut String, number: usize) {
    let _ = write!(
        user,
        ",\"nickName\":\"{}\",\"middleName\":\"{}\",\"honorificPrefix\":\"Dr.\",\"primaryPhone\":{},\
         \"streetAddress\":\"{} Market Street, Suite {}\\n2nd floor\",\"zipCode\":\"{:05}\",\"postalAddress\":\"PO Box {}\",\
         \"division\":\"Division B\",\"costCenter\":\"CC-{:04}\",\"profileUrl\":\"https://people.example.com/u/{number}\",\
         \"hireDate\":\"2019-04-01\",\"badgeNumber\":{},\"remoteWorker\":{},\"tshirtSize\":\"M\",\
         \"bio\":\"Works on {}. Likes \\\"tea\\\" \\\\ coffee; see https:\\/\\/people.example.com\\/~{number} \\u00e9\",\
         \"samAccountName\":\"person{number}\",\"distinguishedName\":\"CN=Person {number},OU=Users,DC=acme,DC=example,DC=com\",\
         \"roles\":{}",
        dice.pick(&FIRST),
        dice.pick(&FIRST),
        dice.phone(),
        dice.roll(999),
        dice.roll(99),
        dice.roll(99_999),
        dice.roll(9999),
        dice.roll(9999),
        dice.roll(99_999),
        dice.chance(30),
        dice.pick(&DEPARTMENTS),
        dice.some(&ROLES, 2),
    );
}
