-- Every version of a dictionary is kept, whole. Its rows are there (and at the sites) before it is published;
-- publishing turns nsi.dictionary.current_version and is written down in nsi.publication.

-- A row is known by the value of the passport's PRIMARY column. `code` is what documents carry: mostly the same, in some
-- dictionaries another column (ICD-10: MKB_CODE, which classes and blocks of some versions lack).
alter table nsi.entry add column key text;
update nsi.entry set key = code;
alter table nsi.entry alter column key set not null;
alter table nsi.entry drop constraint entry_pkey;
alter table nsi.entry add primary key (oid, version, key);
alter table nsi.entry alter column code drop not null;
alter table nsi.entry rename column parent_code to parent_key;
create index entry_code on nsi.entry (oid, version, code);
create index entry_parent on nsi.entry (oid, version, parent_key) where parent_key is not null;

alter table nsi.dictionary add column short_title text;
alter table nsi.dictionary add column is_own boolean not null default false;   -- the region's own, edited on its page

create table nsi.version (
    oid text not null references nsi.dictionary (oid),
    version text not null,
    title text not null,
    released_at timestamp,            -- the passport's publishDate: when its keeper gave it out
    rows integer not null check (rows >= 0),
    key_column text not null,
    code_column text not null,
    name_column text not null,
    parent_column text,
    passport jsonb not null,          -- as its keeper gave it: columns, their titles and types, notes
    digest text not null,             -- SHA-256 of the rows: the same version with other rows is refused
    source text not null,             -- where it was taken from, in words: a file's name, the service, the page
    imported_at timestamptz not null default clock_timestamp(),
    imported_by text not null,
    primary key (oid, version)
);

-- Other OIDs the same dictionary is known by (the passport's `codes`).
create table nsi.alias (
    alias text primary key,
    oid text not null references nsi.dictionary (oid)
);
create index alias_oid on nsi.alias (oid);

-- Every turn of a pointer, the newest last.
create table nsi.publication (
    id uuid primary key default uuidv7(),
    oid text not null,
    version text not null,
    before_version text,              -- null: the first one
    at timestamptz not null default clock_timestamp(),
    kind text not null check (kind in ('published', 'rolled_back')),
    author text not null,
    reason text,
    foreign key (oid, version) references nsi.version (oid, version)
);
create index publication_oid on nsi.publication (oid, id);

grant select on nsi.version, nsi.alias, nsi.publication
    to trustmed_clinic, trustmed_region, trustmed_link, trustmed_monitor;
