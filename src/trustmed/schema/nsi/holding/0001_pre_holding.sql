-- At the region only. Who may change reference data, and which site was last seen on which version of what.

grant insert, update on nsi.dictionary to trustmed_region;
grant insert on nsi.entry, nsi.version, nsi.alias, nsi.publication to trustmed_region;

create table nsi.holding (
    site text not null,
    oid text not null,
    version text not null,            -- the site's current_version, as its own database says
    since timestamptz not null default clock_timestamp(),
    primary key (site, oid)
);

-- When a site was last asked, and answered.
create table nsi.site_seen (
    site text primary key,
    at timestamptz not null default clock_timestamp()
);

grant select on nsi.holding, nsi.site_seen to trustmed_region, trustmed_monitor;
grant insert, update, delete on nsi.holding, nsi.site_seen to trustmed_monitor;
