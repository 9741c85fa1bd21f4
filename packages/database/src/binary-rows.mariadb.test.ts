import { binaryCases } from './testing/binary-cases.ts';

binaryCases('mariadb');
