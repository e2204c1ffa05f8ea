// `galvanode protocol graph`: the machine of a protocol as Mermaid text or as SVG, on stdout. Counts are
// drawn as 2, so that each loop shows once. Sends nothing anywhere.
import { Option, type Command } from 'commander';
import { GalvanodeError } from '../base/errors.ts';
import { cappedCounts, cappedProgram } from '../language/capped.ts';
import { mermaidOf } from '../language/graph-mermaid.ts';
import { svgOf } from '../language/graph-svg.ts';
import { programGraph } from '../language/program-graph.ts';
import { findProtocol } from './find-protocol.ts';
import { addRunOptions, parseArea, type RunOptions } from './run-options.ts';

export function addProtocolGraphCommand(protocol: Command): void {
  addRunOptions(protocol.command('graph <protocol>').description('draw the machine of a protocol'))
    .addOption(new Option('--format <format>', 'what to draw').choices(['mermaid', 'svg']).default('mermaid'))
    .addHelpText(
      'before',
      'Examples:\n  galvanode protocol graph symmetric-cycling\n' +
        '  galvanode protocol graph coulombic-efficiency --format svg > coulombic-efficiency.svg\n',
    )
    .action(graph);
}

function graph(name: string, options: RunOptions & { readonly format: 'mermaid' | 'svg' }): void {
  const protocol = findProtocol(name);
  const areaUcm2 = parseArea(options.area ?? '1.13 cm2');
  const result = protocol.prepare({ ...cappedCounts(protocol.parameters), ...options.set }, { areaUcm2 });
  if (!result.ok) throw new GalvanodeError('PARAMS_INVALID', result.problems.join('\n'));
  const drawn = programGraph(cappedProgram(result.prepared));
  process.stdout.write(options.format === 'svg' ? svgOf(drawn, protocol.title) : mermaidOf(drawn));
}
