import * as ort from 'onnxruntime-node';
import { sessionOpener } from './session.ts';

/** Sessions of onnxruntime-node. */
export const openSession = sessionOpener(ort);
