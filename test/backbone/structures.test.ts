import { expect, test } from 'vitest';
import { cutNetwork } from '../../src/backbone/cut.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { plainPreprocessing, structure } from './structures.ts';

/** Name, features as the architecture's paper has them, spatial features, maps at strides 8 and 16, other cuts. */
const architectures: [name: string, features: string, spatial: string, maps: string[], others: string[]][] = [
  // Krizhevsky et al. 2012: fc7.
  [
    'alexnet',
    'flat of /classifier/classifier.5/Relu_output_0 [4096]',
    '/avgpool/AveragePool_output_0 [nchw 256]',
    ['/features/features.4/Relu_output_0', '/features/features.11/Relu_output_0'],
    ['pool 256'],
  ],
  // Simonyan and Zisserman 2015: fc7; the last map is 512 x 7 x 7.
  [
    'vgg16',
    'flat of /classifier/classifier.4/Relu_output_0 [4096]',
    '/avgpool/AveragePool_output_0 [nchw 512]',
    ['/features/features.22/Relu_output_0', '/features/features.29/Relu_output_0'],
    ['pool 512'],
  ],
  // Szegedy et al. 2015: the average pool after inception (5b).
  [
    'googlenet',
    'flat of /avgpool/GlobalAveragePool_output_0 [1024]',
    '/inception5b/Concat_output_0 [nchw 1024]',
    ['/inception3b/Concat_output_0', '/inception4e/Concat_output_0'],
    [],
  ],
  // Szegedy et al. 2016: the 8 x 8 pool after the last mixed block.
  [
    'inception_v3',
    'flat of /avgpool/GlobalAveragePool_output_0 [2048]',
    '/Mixed_7c/Concat_output_0 [nchw 2048]',
    ['/Mixed_5d/Concat_output_0', '/Mixed_6e/Concat_output_0'],
    [],
  ],
  // He et al. 2016: the average pool after conv5_x.
  [
    'resnet18',
    'flat of /avgpool/GlobalAveragePool_output_0 [512]',
    '/layer4/layer4.1/relu_1/Relu_output_0 [nchw 512]',
    ['/layer2/layer2.1/relu_1/Relu_output_0', '/layer3/layer3.1/relu_1/Relu_output_0'],
    [],
  ],
  [
    'resnet50',
    'flat of /avgpool/GlobalAveragePool_output_0 [2048]',
    '/layer4/layer4.2/relu_2/Relu_output_0 [nchw 2048]',
    ['/layer2/layer2.3/relu_2/Relu_output_0', '/layer3/layer3.5/relu_2/Relu_output_0'],
    [],
  ],
  [
    'resnet101',
    'flat of /avgpool/GlobalAveragePool_output_0 [2048]',
    '/layer4/layer4.2/relu_2/Relu_output_0 [nchw 2048]',
    ['/layer2/layer2.3/relu_2/Relu_output_0', '/layer3/layer3.22/relu_2/Relu_output_0'],
    [],
  ],
  // Iandola et al. 2016: conv10 is the classifier; fire9 goes in. Exported in operator set 9.
  [
    'squeezenet1_1',
    'mean of /features/features.12/Concat_output_0 [512]',
    '/features/features.12/Concat_output_0 [nchw 512]',
    ['/features/features.7/Concat_output_0', '/features/features.12/Concat_output_0'],
    [],
  ],
  // Huang et al. 2017: batch norm and ReLU come before the pool.
  [
    'densenet121',
    'flat of /GlobalAveragePool_output_0 [1024]',
    '/Relu_output_0 [nchw 1024]',
    ['/features/transition2/pool/Pad_output_0', '/features/transition3/pool/Pad_output_0'],
    [],
  ],
  // Ma et al. 2018.
  [
    'shufflenet_v2_x1_0',
    'flat of /ReduceMean_output_0 [1024]',
    '/conv5/conv5.2/Relu_output_0 [nchw 1024]',
    ['/stage2/stage2.3/Reshape_1_output_0', '/stage3/stage3.7/Reshape_1_output_0'],
    [],
  ],
  // Sandler et al. 2018: the 1 x 1 convolution that widens to 1,280.
  [
    'mobilenet_v2',
    'flat of /GlobalAveragePool_output_0 [1280]',
    '/features/features.18/features.18.2/Clip_output_0 [nchw 1280]',
    [
      '/features/features.7/conv/conv.0/conv.0.2/Clip_output_0',
      '/features/features.14/conv/conv.0/conv.0.2/Clip_output_0',
    ],
    [],
  ],
  // Howard et al. 2019: a layer of 1,280 between the pool (960) and the classifier.
  [
    'mobilenet_v3_large',
    'flat of /classifier/classifier.1/Mul_output_0 [1280]',
    '/features/features.16/features.16.2/Mul_output_0 [nchw 960]',
    [
      '/features/features.7/block/block.0/block.0.2/Mul_output_0',
      '/features/features.13/block/block.0/block.0.2/Mul_output_0',
    ],
    ['pool 960'],
  ],
  // Tan and Le 2019.
  [
    'efficientnet_b0',
    'flat of /avgpool/GlobalAveragePool_output_0 [1280]',
    '/features/features.8/features.8.2/Mul_output_0 [nchw 1280]',
    [
      '/features/features.4/features.4.0/block/block.0/block.0.2/Mul_output_0',
      '/features/features.6/features.6.0/block/block.0/block.0.2/Mul_output_0',
    ],
    [],
  ],
  // Radosavovic et al. 2020.
  [
    'regnet_y_400mf',
    'flat of /avgpool/GlobalAveragePool_output_0 [440]',
    '/trunk_output/block4/block4-5/activation/Relu_output_0 [nchw 440]',
    [
      '/trunk_output/block2/block2-2/activation/Relu_output_0',
      '/trunk_output/block3/block3-5/activation/Relu_output_0',
    ],
    [],
  ],
  // Liu et al. 2022: layer norm stands between pool and classifier.
  [
    'convnext_tiny',
    'flat of /classifier/classifier.0/Transpose_1_output_0 [768]',
    '/features/features.7/features.7.2/Add_output_0 [nchw 768]',
    [
      '/features/features.4/features.4.0/Transpose_1_output_0',
      '/features/features.6/features.6.0/Transpose_1_output_0',
    ],
    ['pool 768'],
  ],
  // Dosovitskiy et al. 2021: the class token after the last layer norm.
  [
    'vit_b_16',
    'flat of /Gather_4_output_0 [768]',
    '/encoder/ln/Add_1_output_0 [tokens 768, from 1]',
    ['/encoder/layers/encoder_layer_3/Add_1_output_0', '/encoder/layers/encoder_layer_7/Add_1_output_0'],
    ['pool 1536'],
  ],
  // Liu et al. 2021: the mean over the normed tokens.
  [
    'swin_t',
    'flat of /avgpool/GlobalAveragePool_output_0 [768]',
    '/permute/Transpose_output_0 [nchw 768]',
    ['/features/features.4/Pad_output_0', '/features/features.6/Pad_output_0'],
    [],
  ],
];

test.for(architectures)(
  '%s is cut where its paper has the features',
  async ([name, features, spatial, maps, others]) => {
    const model = structure(name);
    const preprocessing = plainPreprocessing(model);
    const { network, cut, candidates } = await cutNetwork(model, {
      openSession,
      source: name,
      preprocessing,
      check: false,
    });
    expect(cut).toBe(`features: ${features}; spatial: ${spatial}`);
    expect(features).toContain(`[${network.width}]`);
    expect(network.maps.map(({ tensor }) => tensor)).toEqual(maps);
    expect(candidates.slice(1).map(({ cut: other, width }) => `${other} ${width}`)).toEqual(others);
    expect(network.fixedBatch).toBe(false);
    expect(network.opsets.get('')).toBeGreaterThanOrEqual(13);
    // Nothing of the classifier is left: no weight has 1,000 rows or columns.
    expect(network.initializers.filter(({ dims }) => dims.includes(1000))).toEqual([]);
  },
);
