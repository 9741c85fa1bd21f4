import { tlsCases } from './testing/tls-cases.ts';

tlsCases('mariadb');
