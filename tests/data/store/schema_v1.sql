-- The tables of store format 1 as it was released, with a row of each; every later version must still open it.
-- Never changed: a new format gets a file of its own.
CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE muted_problems(id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE secrets(name TEXT PRIMARY KEY, nonce BLOB NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE lan_users(
    id INTEGER PRIMARY KEY, user TEXT NOT NULL, host TEXT NOT NULL, nick TEXT NOT NULL, "group" TEXT NOT NULL,
    address INTEGER NOT NULL, port INTEGER NOT NULL, kind TEXT NOT NULL, client TEXT NOT NULL,
    version_field TEXT NOT NULL, version_line TEXT NOT NULL, icon TEXT NOT NULL, flags INTEGER NOT NULL,
    is_away INTEGER NOT NULL, configured_master INTEGER, presence TEXT NOT NULL, first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL, last_answer INTEGER NOT NULL, round_trip INTEGER, segment TEXT NOT NULL,
    is_segment_assumed INTEGER NOT NULL, is_own_segment INTEGER NOT NULL, base TEXT NOT NULL, delivery TEXT NOT NULL,
    last_list_at INTEGER NOT NULL, listed_users INTEGER NOT NULL, unstable_reason TEXT, unstable_text TEXT,
    unstable_count INTEGER, unstable_since INTEGER, unstable_last INTEGER, unstable_ignored_until INTEGER,
    revision INTEGER NOT NULL);
CREATE TABLE lan_user_addresses(
    user_id INTEGER NOT NULL REFERENCES lan_users(id) ON DELETE CASCADE, place INTEGER NOT NULL,
    address INTEGER NOT NULL, port INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    is_current INTEGER NOT NULL, PRIMARY KEY(user_id, place)) WITHOUT ROWID;
CREATE TABLE lan_user_events(
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX lan_user_events_of_user ON lan_user_events(user_id, id);
CREATE INDEX lan_user_events_by_time ON lan_user_events(at);

CREATE TABLE ranges(
    id INTEGER PRIMARY KEY, place INTEGER NOT NULL, text TEXT NOT NULL, is_enabled INTEGER NOT NULL, last_run INTEGER,
    address_count INTEGER NOT NULL, answers INTEGER NOT NULL, last_answer INTEGER, silent_since INTEGER,
    problem TEXT NOT NULL);

CREATE TABLE searches(
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, state TEXT NOT NULL, started_by TEXT NOT NULL, ranges TEXT NOT NULL,
    addresses TEXT NOT NULL, via_client INTEGER, packets_per_second INTEGER NOT NULL, started_at INTEGER NOT NULL,
    finished_at INTEGER, total INTEGER NOT NULL, sent INTEGER NOT NULL, answered INTEGER NOT NULL,
    found INTEGER NOT NULL, known INTEGER NOT NULL, lost INTEGER NOT NULL, problem TEXT NOT NULL);
CREATE INDEX searches_by_time ON searches(started_at);
CREATE TABLE search_rows(
    search_id INTEGER NOT NULL, place INTEGER NOT NULL, address INTEGER NOT NULL, user_id INTEGER NOT NULL,
    name TEXT NOT NULL, user TEXT NOT NULL, host TEXT NOT NULL, "group" TEXT NOT NULL, client TEXT NOT NULL,
    round_trip INTEGER, finding TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(search_id, place)) WITHOUT ROWID;

CREATE TABLE bases(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, note TEXT NOT NULL);
CREATE TABLE base_segments(
    base_id INTEGER NOT NULL REFERENCES bases(id) ON DELETE CASCADE, place INTEGER NOT NULL, network TEXT NOT NULL,
    PRIMARY KEY(base_id, place)) WITHOUT ROWID;

CREATE TABLE administrators(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL,
    is_disabled INTEGER NOT NULL, created_at INTEGER NOT NULL, last_login INTEGER, password_hash TEXT NOT NULL);
CREATE TABLE tokens(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, role TEXT NOT NULL, created_at INTEGER NOT NULL,
    expires_at INTEGER, last_used INTEGER, token_hash TEXT NOT NULL UNIQUE);
CREATE TABLE audit(
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, from_address TEXT NOT NULL,
    action TEXT NOT NULL, subject TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
CREATE INDEX audit_by_time ON audit(at);

INSERT INTO settings VALUES('lan.name','Straße'),('lan.rate','300');
INSERT INTO counters VALUES('packet',5000000000);
INSERT INTO muted_problems VALUES('lan.port-in-use',1700000000003);
INSERT INTO lan_users VALUES(1,'ann','pc1','Änn','Sales',167838211,2425,'iptux','iptux 0.8.3','1_iptux','VS:1','penguin.png',
    4294967295,1,167837703,'silent',1700000000005,1700000000006,1700000000007,12,'10.1.0.0/23',0,1,'Berlin','introduction',
    1700000000008,77,'address-changes','5 addresses in 1 h',5,1700000000009,1700000000010,NULL,42);
INSERT INTO lan_users VALUES(2,'bob','pc2','','',167838212,2425,'unknown','','','','',0,0,NULL,'gone',0,0,0,NULL,'10.1.2.0/24',
    1,0,'','none',0,0,NULL,NULL,NULL,NULL,NULL,NULL,41);
INSERT INTO lan_user_addresses VALUES(1,0,167838210,2425,1700000000001,1700000000002,0),(1,1,167838211,2425,1700000000003,1700000000004,1);
INSERT INTO lan_user_events VALUES(1,1,1700000000001,'entered','entered'),(2,1,1700000000002,'renamed','now Änn');
INSERT INTO ranges VALUES(9,0,'10.9.0.0/24',1,NULL,0,0,NULL,NULL,''),(5,1,'10.1.0.0/24 # Berlin',0,1700000000001,254,3,1700000000002,NULL,'');
INSERT INTO searches VALUES(3,'manual','finished','alice','5,9','',NULL,200,1700000000001,1700000000002,508,508,1,1,0,0,'');
INSERT INTO search_rows VALUES(3,0,167838211,1,'Änn','ann','pc1','Sales','iptux',3,'new',1700000000002);
INSERT INTO bases VALUES(1,'Berlin','head office');
INSERT INTO base_segments VALUES(1,0,'10.1.0.0/23');
INSERT INTO administrators VALUES(1,'alice','admin',0,1700000000001,NULL,'hash one');
INSERT INTO tokens VALUES(1,'backup','viewer',1700000000001,NULL,NULL,'aa');
INSERT INTO audit VALUES(1,1700000000001,'alice','10.0.0.1','settings.set','lan.rate','200','300');

PRAGMA application_id=0x43575354;
PRAGMA user_version=1;
