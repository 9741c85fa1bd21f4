import type { Pool } from './pool.ts';

/**
 * The tables of the NTP Pool that log_scores refers to and that refer to it, with their keys as
 * they are there; accounts and users are left out.
 */
export const TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS servers (
    id int unsigned NOT NULL AUTO_INCREMENT,
    ip varchar(40) NOT NULL,
    ip_version enum('v4','v6') NOT NULL DEFAULT 'v4',
    user_id int unsigned DEFAULT NULL,
    account_id int unsigned DEFAULT NULL,
    hostname varchar(255) DEFAULT NULL,
    stratum tinyint unsigned DEFAULT NULL,
    in_pool tinyint unsigned NOT NULL DEFAULT 0,
    in_server_list tinyint unsigned NOT NULL DEFAULT 0,
    netspeed int unsigned NOT NULL DEFAULT 10000,
    netspeed_target int unsigned NOT NULL DEFAULT 10000,
    created_on datetime NOT NULL,
    updated_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    score_ts datetime DEFAULT NULL,
    score_raw double NOT NULL DEFAULT 0,
    deletion_on date DEFAULT NULL,
    flags varchar(4096) NOT NULL DEFAULT '{}',
    PRIMARY KEY (id),
    UNIQUE KEY ip (ip),
    KEY score_ts (score_ts),
    KEY deletion_on (deletion_on)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`,
  `CREATE TABLE IF NOT EXISTS monitors (
    id int unsigned NOT NULL AUTO_INCREMENT,
    type enum('monitor','score') NOT NULL DEFAULT 'monitor',
    user_id int unsigned DEFAULT NULL,
    account_id int unsigned DEFAULT NULL,
    name varchar(30) NOT NULL,
    location varchar(255) NOT NULL DEFAULT '',
    ip varchar(40) DEFAULT NULL,
    ip_version enum('v4','v6') DEFAULT NULL,
    tls_name varchar(255) DEFAULT NULL,
    api_key varchar(64) DEFAULT NULL,
    status enum('pending','testing','active','paused','deleted') NOT NULL,
    config text NOT NULL,
    client_version varchar(255) NOT NULL DEFAULT '',
    last_seen datetime(6) DEFAULT NULL,
    last_submit datetime(6) DEFAULT NULL,
    created_on datetime NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY ip (ip, ip_version),
    UNIQUE KEY api_key (api_key),
    UNIQUE KEY monitors_tls_name (tls_name),
    KEY type_status (type, status)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`,
  `CREATE TABLE IF NOT EXISTS log_scores (
    id bigint unsigned NOT NULL AUTO_INCREMENT,
    monitor_id int unsigned DEFAULT NULL,
    server_id int unsigned NOT NULL,
    ts datetime NOT NULL,
    score double NOT NULL DEFAULT 0,
    step double NOT NULL DEFAULT 0,
    \`offset\` double DEFAULT NULL,
    rtt mediumint DEFAULT NULL,
    attributes text,
    PRIMARY KEY (id),
    KEY log_scores_server_ts_idx (server_id, ts),
    KEY ts (ts),
    KEY log_score_monitor_id_fk (monitor_id),
    CONSTRAINT log_score_monitor_id_fk FOREIGN KEY (monitor_id) REFERENCES monitors (id),
    CONSTRAINT log_scores_server FOREIGN KEY (server_id) REFERENCES servers (id) ON DELETE CASCADE
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`,
  `CREATE TABLE IF NOT EXISTS log_scores_archive_status (
    id int unsigned NOT NULL AUTO_INCREMENT,
    archiver varchar(255) NOT NULL,
    log_score_id bigint unsigned DEFAULT NULL,
    modified_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY archiver (archiver),
    KEY log_score_id (log_score_id),
    CONSTRAINT log_score_id FOREIGN KEY (log_score_id) REFERENCES log_scores (id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`,
  `CREATE TABLE IF NOT EXISTS scorer_status (
    id int unsigned NOT NULL AUTO_INCREMENT,
    scorer_id int unsigned NOT NULL,
    log_score_id bigint unsigned NOT NULL,
    modified_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    KEY scorer_log_score_id (log_score_id),
    KEY scores_status_monitor_id_fk (scorer_id),
    CONSTRAINT scorer_log_score_id FOREIGN KEY (log_score_id) REFERENCES log_scores (id),
    CONSTRAINT scores_status_monitor_id_fk FOREIGN KEY (scorer_id) REFERENCES monitors (id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`,
  `CREATE TABLE IF NOT EXISTS server_scores (
    id bigint unsigned NOT NULL AUTO_INCREMENT,
    monitor_id int unsigned NOT NULL,
    server_id int unsigned NOT NULL,
    score_ts datetime DEFAULT NULL,
    score_raw double NOT NULL DEFAULT 0,
    stratum tinyint unsigned DEFAULT NULL,
    status enum('new','testing','active') NOT NULL DEFAULT 'new',
    queue_ts datetime DEFAULT NULL,
    created_on datetime NOT NULL,
    modified_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY server_id (server_id, monitor_id),
    KEY monitor_id (monitor_id, server_id),
    KEY monitor_id_2 (monitor_id, score_ts),
    CONSTRAINT server_score_monitor_fk FOREIGN KEY (monitor_id) REFERENCES monitors (id),
    CONSTRAINT server_score_server_id FOREIGN KEY (server_id) REFERENCES servers (id) ON DELETE CASCADE
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`,
];

/** The servers and monitors that the traffic speaks of, one statement a table. */
export function seedStatements({
  servers,
  quietServers,
  monitors,
  quietMonitors,
  scorers,
}: Pool): string[] {
  const serverRows = [...servers, ...quietServers].map(
    ({ id, ip, ipVersion, hostname, stratum }) =>
      `(${id}, '${ip}', '${ipVersion}', '${hostname}', ${stratum}, 1, UTC_TIMESTAMP())`,
  );
  const monitorRows = [...monitors, ...quietMonitors, ...scorers].map(({ id, type, name, ip }) => {
    const address = ip === null ? 'NULL, NULL' : `'${ip}', 'v4'`;
    const tlsName = ip === null ? 'NULL' : `'${name}.mon.example.net'`;
    return `(${id}, '${type}', '${name}', ${address}, ${tlsName}, 'active', '{}', UTC_TIMESTAMP())`;
  });
  return [
    `INSERT IGNORE INTO servers (id, ip, ip_version, hostname, stratum, in_pool, created_on) VALUES ${serverRows.join(', ')}`,
    `INSERT IGNORE INTO monitors (id, type, name, ip, ip_version, tls_name, status, config, created_on) VALUES ${monitorRows.join(', ')}`,
  ];
}
