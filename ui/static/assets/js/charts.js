// Charts: an element with data-chart holds an ECharts option as JSON. Colours come from the page's tokens,
// and tooltips are drawn on the canvas, because a strict policy allows no style attributes.
const library = new URL('../vendor/echarts/echarts.common.min.js', import.meta.url);
const drawn = new Map();
let loading;

function load() {
  loading ||= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = library;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function themed(option) {
  const axis = {
    axisLine: { lineStyle: { color: token('--line-2') } }, axisTick: { show: false },
    axisLabel: { color: token('--ink-3'), fontSize: 11 }, splitLine: { lineStyle: { color: token('--grid') } },
  };
  const axes = (given) => (given === undefined ? undefined : [].concat(given).map((one) => ({ ...axis, ...one })));
  return {
    color: ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'].map(token),
    textStyle: { fontFamily: token('--mg-font') || 'sans-serif', color: token('--ink-2') },
    grid: { left: 8, right: 8, top: 16, bottom: 4, containLabel: true },
    animationDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 250,
    ...option,
    xAxis: axes(option.xAxis), yAxis: axes(option.yAxis),
    tooltip: { trigger: 'axis', ...option.tooltip, renderMode: 'richText', backgroundColor: token('--raised'), borderColor: token('--line-2'), textStyle: { color: token('--ink'), fontSize: 12 } },
    aria: { enabled: true, ...option.aria },
  };
}

async function draw() {
  const places = [...document.querySelectorAll('[data-chart]')];
  for (const [place, chart] of drawn) {
    if (!place.isConnected || !place.firstElementChild) { // gone, or emptied by a swap
      chart.dispose();
      drawn.delete(place);
    }
  }
  if (!places.length) return;
  const echarts = await load();
  for (const place of places) {
    if (!place.isConnected) continue;
    if (!drawn.has(place)) drawn.set(place, echarts.init(place));
    drawn.get(place).setOption(themed(JSON.parse(place.dataset.chart)), true);
  }
}

draw();
document.addEventListener('htmx:after:swap', draw);
addEventListener('resize', () => drawn.forEach((chart) => chart.resize()));
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ['data-bs-theme'] });
