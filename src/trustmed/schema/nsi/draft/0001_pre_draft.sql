-- At the region only. Drafts of the region's own dictionaries: only their editors see them until one becomes a version.

create table nsi.own_draft (
    oid text primary key check (oid ~ '^[0-2](\.(0|[1-9]\d*))+$'),
    title text not null,
    short_title text,
    has_levels boolean not null,
    columns jsonb not null,           -- [{field, alias, dataType}] of a passport, CODE and NAME the first
    based_on text,                    -- the version the rows last became; null: there is none yet
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null,
    changed_at timestamptz not null default clock_timestamp(),
    changed_by text not null,
    foreign key (oid, based_on) references nsi.version (oid, version)
);

create table nsi.own_row (
    oid text not null references nsi.own_draft (oid),
    key text not null,
    content jsonb not null,
    is_withdrawn boolean not null default false,
    revision bigint not null default 1,   -- an editor names the one that was seen: another's change is not overwritten
    changed_at timestamptz not null default clock_timestamp(),
    changed_by text not null,
    primary key (oid, key)
);
create index own_row_parent on nsi.own_row (oid, (content ->> 'PARENT'));

grant select, insert, update on nsi.own_draft to trustmed_region;
grant select, insert, update, delete on nsi.own_row to trustmed_region;
