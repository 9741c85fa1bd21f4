import { idReuseCases } from './testing/id-reuse-cases.ts';

idReuseCases('mariadb');
