-- The names that the bundled stories share: documents, places, actors, systems.
--
-- Every other file refers to these by key and never by number.  `ON CONFLICT DO NOTHING` makes it safe to load a
-- file again: what is there already, and what you have changed since, stays as it is.

-- Documents -----------------------------------------------------------------------------------------------------
-- Hash and length are of each article's text as it was collected (UTF-8, nothing stripped); the text itself belongs
-- to its publisher and is not here: `dateline attach FILE` adds your own copy and verifies every quote against it.
-- Quotes are clauses, cut to what the incident rests on, without the words around them: positions and hash find them.
-- Reliability is unknown: nobody has graded this publisher for this store yet.

INSERT INTO document (key, title, publisher, published_edtf, language, text_sha256, text_length) VALUES
    -- The day of its "on Saturday", which is the day it speaks from: 8 May 2021.
    ('jpost-2021-05-08', 'Is Iran increasing drone attacks against US in Iraq?', 'The Jerusalem Post', '2021-05-08', 'en',
     'bfbd2d07f2acdd35595f98cc48fc97518257a162dbe75c9bd73af61db574f2e3', 4364),
    -- The text has no title; the brackets say that this one was supplied.  The date stands in its first line.
    ('jpost-2021-06-22', '[Drone attacks on US forces in Iraq]', 'The Jerusalem Post', '2021-06-22', 'en',
     'd4278ffb410e7addb9db36b17129731f216360b4755b7d0bb5d7994b3bc9b665', 2918)
ON CONFLICT DO NOTHING;

-- Places --------------------------------------------------------------------------------------------------------
-- Coordinates are WGS 84 degrees.  where_prec is UCDP's: 1 the site itself, 2 near it, 3 district, 4 province,
-- 6 country.  radius_m is the circle that the point stands for: a base, a city, a whole country.

INSERT INTO place (key, name, kind, country_code, admin1, latitude, longitude, where_prec, radius_m) VALUES
    -- countries
    ('iran',         'Iran',         'country', 'IR', NULL, 32.5, 53.7, 6, 1100000),
    ('iraq',         'Iraq',         'country', 'IQ', NULL, 33.2, 43.7, 6,  550000),
    ('israel',       'Israel',       'country', 'IL', NULL, 31.4, 35.0, 6,  230000),
    ('saudi-arabia', 'Saudi Arabia', 'country', 'SA', NULL, 24.0, 45.0, 6, 1100000),
    ('syria',        'Syria',        'country', 'SY', NULL, 35.0, 38.5, 6,  400000),
    ('yemen',        'Yemen',        'country', 'YE', NULL, 15.9, 47.6, 6,  600000),
    -- provinces
    ('anbar',            'Anbar',            'province', 'IQ', 'Anbar',        32.60, 41.90, 4, 250000),
    ('baghdad-province', 'Baghdad Province', 'province', 'IQ', 'Baghdad',      33.30, 44.35, 4,  60000),
    ('erbil-province',   'Erbil Province',   'province', 'IQ', 'Erbil',        36.20, 44.00, 4, 120000),
    ('kirkuk-province',  'Kirkuk Province',  'province', 'IQ', 'Kirkuk',       35.40, 44.10, 4,  90000),
    ('nineveh',          'Nineveh',          'province', 'IQ', 'Nineveh',      36.00, 42.40, 4, 170000),
    ('salah-al-din',     'Salah al-Din',     'province', 'IQ', 'Salah al-Din', 34.50, 43.60, 4, 130000),
    -- A city and its province have this name, and the caption does not say which it means: the wider one.
    ('semnan',           'Semnan',           'province', 'IR', 'Semnan',       35.50, 54.50, 4, 240000),
    -- towns
    ('baghdad', 'Baghdad', 'town', 'IQ', 'Baghdad', 33.315, 44.366, 2, 20000),
    ('erbil',   'Erbil',   'town', 'IQ', 'Erbil',   36.191, 44.009, 2, 12000),
    -- sites
    ('ain-al-asad',   'Ain al-Asad Air Base', 'site', 'IQ', 'Anbar',        33.79, 42.44, 1, 5000),
    ('balad',         'Balad Air Base',       'site', 'IQ', 'Salah al-Din', 33.94, 44.36, 1, 4000),
    ('camp-taji',     'Camp Taji',            'site', 'IQ', 'Baghdad',      33.52, 44.26, 1, 4000),
    ('erbil-airport', 'Erbil airport',        'site', 'IQ', 'Erbil',        36.24, 43.96, 1, 3000),
    ('k-1',           'K-1 Air Base',         'site', 'IQ', 'Kirkuk',       35.51, 44.25, 1, 5000),
    ('q-west',        'Q-West',               'site', 'IQ', 'Nineveh',      35.77, 43.13, 1, 4000),
    ('union-iii',     'Union III',            'site', 'IQ', 'Baghdad',      33.30, 44.39, 1, 2000),
    ('victory-base',  'Victory base',         'site', 'IQ', 'Baghdad',      33.28, 44.25, 1, 5000),
    -- Quite possibly Victory base; the article does not say so, so neither does this store.
    ('us-facility-baghdad-airport', 'US facility near Baghdad airport',
                                              'site', 'IQ', 'Baghdad',      33.26, 44.23, 2, 8000)
ON CONFLICT DO NOTHING;

WITH inside (part, whole) AS (VALUES
    ('anbar', 'iraq'), ('baghdad-province', 'iraq'), ('erbil-province', 'iraq'), ('kirkuk-province', 'iraq'),
    ('nineveh', 'iraq'), ('salah-al-din', 'iraq'), ('semnan', 'iran'),
    ('baghdad', 'baghdad-province'), ('erbil', 'erbil-province'),
    ('ain-al-asad', 'anbar'), ('balad', 'salah-al-din'), ('camp-taji', 'baghdad-province'),
    ('erbil-airport', 'erbil'), ('k-1', 'kirkuk-province'), ('q-west', 'nineveh'), ('union-iii', 'baghdad'),
    ('victory-base', 'baghdad'), ('us-facility-baghdad-airport', 'baghdad')
)
UPDATE place SET part_of = (SELECT id FROM place WHERE key = inside.whole)
FROM inside WHERE place.key = inside.part AND place.part_of IS NULL;

-- Actors --------------------------------------------------------------------------------------------------------

INSERT INTO actor (key, name, kind) VALUES
    -- states
    ('iran',         'Iran',          'government'),
    ('iraq',         'Iraq',          'government'),
    ('israel',       'Israel',        'government'),
    ('saudi-arabia', 'Saudi Arabia',  'government'),
    ('us',           'United States', 'government'),
    -- their forces and services
    ('cia',                  'CIA',                                  'government'),
    ('coalition',            'US-led Coalition',                     'state_force'),
    ('iranian-army',         'Army of the Islamic Republic of Iran', 'state_force'),
    ('iraqi-security-force', 'Iraqi security force (not named)',     'state_force'),
    ('irgc',                 'Islamic Revolutionary Guard Corps',    'state_force'),
    ('quds-force',           'IRGC Quds Force',                      'state_force'),
    ('saudi-air-defences',   'Saudi air defences',                   'state_force'),
    ('security-media-cell',  'Security Media Cell',                  'government'),
    ('us-contractors',       'US contractors',                       'contractor'),
    ('us-forces',            'US forces',                            'state_force'),
    -- armed groups
    ('hamas',            'Hamas',                       'armed_group'),
    ('hezbollah',        'Hezbollah',                   'armed_group'),
    ('houthis',          'Houthis',                     'armed_group'),
    ('isis',             'ISIS',                        'armed_group'),
    ('kataib-hezbollah', 'Kataib Hezbollah',            'armed_group'),
    ('pmu',              'Popular Mobilization Units',  'armed_group'),
    ('pro-iran-groups',  'Pro-Iran groups (not named)', 'armed_group'),
    -- persons
    ('al-muhandis',     'Abu Mahdi al-Muhandis',       'person'),
    ('badr-al-ziyadi',  'Badr al-Ziyadi',              'person'),
    ('fatah-lawmakers', 'Two Fatah Alliance lawmakers', 'person'),
    ('soleimani',       'Qasem Soleimani',             'person'),
    ('wayne-marotto',   'Col. Wayne Marotto',          'person'),
    -- media
    ('al-maalomah',     'al-Maalomah',                       'media'),
    ('april-reports',   'Reports of April 2021 (not named)', 'media'),
    ('press-tv',        'Press TV',                          'media'),
    ('reuters',         'Reuters',                           'media'),
    ('sabereen-news',   'Sabereen News',                     'media'),
    ('wana',            'WANA',                              'media')
ON CONFLICT DO NOTHING;

WITH inside (part, whole) AS (VALUES
    ('cia', 'us'), ('us-contractors', 'us'), ('us-forces', 'us'), ('wayne-marotto', 'coalition'),
    ('iranian-army', 'iran'), ('irgc', 'iran'), ('quds-force', 'irgc'), ('soleimani', 'quds-force'), ('press-tv', 'iran'),
    ('security-media-cell', 'iraq'), ('iraqi-security-force', 'iraq'), ('saudi-air-defences', 'saudi-arabia'),
    ('kataib-hezbollah', 'pmu'), ('al-muhandis', 'kataib-hezbollah')
)
UPDATE actor SET part_of = (SELECT id FROM actor WHERE key = inside.whole)
FROM inside WHERE actor.key = inside.part AND actor.part_of IS NULL;

WITH also (actor, alias) AS (VALUES
    ('coalition',        'US-led anti-ISIS Coalition'),
    ('fatah-lawmakers',  'Fatah (Conquest) Alliance'),
    ('irgc',             'IRGC'),
    ('kataib-hezbollah', 'Kataib'),
    ('pmu',              'Iraqi Popular Mobilization Units'),
    ('pmu',              'Hashd al-Sha’abi'),
    ('pmu',              'Hashd al-Shaabi'),
    ('pmu',              'PMU'),
    ('pro-iran-groups',  'pro-Iran militias'),
    ('pro-iran-groups',  'pro-Iranian militias'),
    ('saudi-air-defences', 'Saudi air defenses'),
    ('us',               'US'),
    ('us-forces',        'American troops'),
    ('us-forces',        'US soldiers'),
    ('us-forces',        'US troops'),
    ('wayne-marotto',    'Wayne Marotto')
)
INSERT INTO actor_alias (actor_id, alias)
SELECT (SELECT id FROM actor WHERE key = also.actor), also.alias
FROM also WHERE true ON CONFLICT DO NOTHING;

-- Systems -------------------------------------------------------------------------------------------------------
-- part_of says what is a kind of what: a claim of a drone and one of an explosives-laden drone do not contradict
-- each other, a claim of a drone and one of a rocket do.

INSERT INTO system (key, name, class) VALUES
    ('drone',               'Drone',                   'uas'),
    ('explosive-drone',     'Explosives-laden drone',  'uas'),
    ('fixed-wing-drone',    'Fixed-wing combat drone', 'uas'),
    ('iranian-style-drone', 'Iranian-style drone',     'uas'),
    ('rocket',              'Rocket',                  'rocket'),
    ('katyusha',            'Katyusha rocket',         'rocket'),
    ('rocket-107mm',        '107mm rocket',            'rocket'),
    ('rocket-122mm',        '122mm rocket',            'rocket'),
    ('ballistic-missile',   'Ballistic missile',       'missile'),
    ('efp',                 'EFP, explosively formed penetrator', 'ied'),
    ('c-ram',               'C-RAM',                   'air_defence'),
    ('patriot-pac-2',       'Patriot PAC-2',           'air_defence'),
    ('avenger',             'AN/TWQ-1 Avenger',        'air_defence'),
    ('iron-dome',           'Iron Dome',               'air_defence'),
    ('air-defence',         'Air defence (not named)', 'air_defence'),
    ('anti-drone-laser',    'Anti-drone laser',        'laser')
ON CONFLICT DO NOTHING;

WITH inside (part, whole) AS (VALUES
    ('explosive-drone', 'drone'), ('fixed-wing-drone', 'explosive-drone'), ('iranian-style-drone', 'drone'),
    ('katyusha', 'rocket'), ('rocket-107mm', 'rocket'), ('rocket-122mm', 'rocket')
)
UPDATE system SET part_of = (SELECT id FROM system WHERE key = inside.whole)
FROM inside WHERE system.key = inside.part AND system.part_of IS NULL;
