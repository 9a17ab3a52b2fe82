interface Figure {
  value: number;
  source: string;
}

/** One device. Peaks are for dense matrices; the peaks for sparse matrices, twice as high, do not apply to these models. */
export interface Accelerator {
  name: string;
  /** FLOP/s in bfloat16 with accumulation in FP32. */
  peakFlops: Figure;
  /** Bytes/s. */
  peakBandwidth: Figure;
  /** Bytes, according to the driver or, if unknown, the vendor's gigabytes counted as 10⁹ bytes, the smaller reading. */
  memory: Figure;
}

const ENGINEERING = 'Machine Learning Engineering (Bekman), accelerator chapter';
const LOCKWOOD = "Lockwood's processor notes, of NVIDIA's data sheets";
const EPOCH = 'Epoch AI, ML hardware data set';
const PADERBORN = 'Paderborn PC2, A100 hardware page';
const L4_PAGE = 'L4 and L40S comparison, of NVIDIA’s data sheets';
const ROCM = 'ROCm documentation, MI300 microarchitecture';
const AMD_NOTES = 'AMD specification notes, of AMD’s data sheets';
const DEVICE_LOG = 'device log: MiB as the driver counts';

const MIB = 2 ** 20;

export const ACCELERATORS = {
  'a100-40': {
    name: 'NVIDIA A100 SXM 40GB',
    peakFlops: { value: 312e12, source: ENGINEERING },
    peakBandwidth: { value: 1555e9, source: PADERBORN },
    memory: { value: 40e9, source: PADERBORN },
  },
  'a100-80': {
    name: 'NVIDIA A100 SXM 80GB',
    peakFlops: { value: 312e12, source: ENGINEERING },
    peakBandwidth: { value: 2039e9, source: EPOCH },
    memory: { value: 80e9, source: ENGINEERING },
  },
  h100: {
    name: 'NVIDIA H100 SXM 80GB',
    peakFlops: { value: 989.4e12, source: LOCKWOOD },
    peakBandwidth: { value: 3350e9, source: ENGINEERING },
    memory: { value: 81_559 * MIB, source: DEVICE_LOG },
  },
  h200: {
    name: 'NVIDIA H200 SXM 141GB',
    peakFlops: { value: 989.4e12, source: LOCKWOOD },
    peakBandwidth: { value: 4800e9, source: ENGINEERING },
    memory: { value: 141e9, source: ENGINEERING },
  },
  b200: {
    name: 'NVIDIA B200 SXM',
    peakFlops: { value: 2250e12, source: ENGINEERING },
    // Value for a DGX; HGX boards are listed with 7,700.
    peakBandwidth: { value: 8000e9, source: ENGINEERING },
    memory: { value: 183_359 * MIB, source: DEVICE_LOG },
  },
  mi300x: {
    name: 'AMD Instinct MI300X',
    peakFlops: { value: 1307.4e12, source: ROCM },
    peakBandwidth: { value: 5300e9, source: ROCM },
    memory: { value: 192e9, source: AMD_NOTES },
  },
  l4: {
    name: 'NVIDIA L4',
    peakFlops: { value: 121e12, source: EPOCH },
    peakBandwidth: { value: 300e9, source: L4_PAGE },
    memory: { value: 24e9, source: L4_PAGE },
  },
} as const satisfies Record<string, Accelerator>;

export type AcceleratorName = keyof typeof ACCELERATORS;
