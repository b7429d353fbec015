package demo

import "strings"

// written is a name as its bearer writes it, and as it stands in an address.
type written struct{ name, latin string }

// plain is a Latin name; its place in an address follows from it.
func plain(names ...string) []written {
	list := make([]written, len(names))
	for i, n := range names {
		list[i] = written{n, latin(n)}
	}
	return list
}

// latin writes a name without accents, blanks and capitals.
func latin(name string) string {
	return strings.NewReplacer(
		"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ã", "a", "á", "a", "â", "a", "à", "a", "ç", "c", "é", "e", "ê", "e", "í", "i",
		"ó", "o", "õ", "o", "ô", "o", "ú", "u", " ", "-", "&", "and", "'", "", ".", "",
	).Replace(strings.ToLower(name))
}

// firstNames and lastNames are those of a language.
func firstNames(language string) []written {
	switch language {
	case "de":
		return plain("Sabine", "Thomas", "Jürgen", "Anke", "Michael", "Birgit", "Stefan", "Katharina", "Holger", "Lena", "Uwe", "Martina", "Felix",
			"Claudia", "Rainer", "Susanne", "Matthias", "Heike", "Florian", "Petra")
	case "zh":
		return []written{
			{"伟", "wei"},
			{"芳", "fang"},
			{"敏", "min"},
			{"静", "jing"},
			{"丽华", "lihua"},
			{"建国", "jianguo"},
			{"晓东", "xiaodong"},
			{"雪梅", "xuemei"},
			{"志强", "zhiqiang"},
			{"雨桐", "yutong"},
			{"佳怡", "jiayi"},
			{"浩然", "haoran"},
		}
	case "ja":
		return []written{
			{"健一", "kenichi"},
			{"美咲", "misaki"},
			{"翔太", "shota"},
			{"陽子", "yoko"},
			{"直樹", "naoki"},
			{"恵", "megumi"},
			{"拓也", "takuya"},
			{"由美", "yumi"},
			{"大輔", "daisuke"},
			{"彩", "aya"},
		}
	case "pt":
		return plain("Ana", "João", "Mariana", "Pedro", "Luísa", "Tiago", "Beatriz", "Rui", "Catarina", "Miguel", "Fernanda", "Gonçalo")
	}
	return plain("Oliver", "Emma", "James", "Sophie", "Liam", "Charlotte", "Ethan", "Amelia", "Nathan", "Grace", "Rachel", "Daniel", "Hannah", "Marcus",
		"Chloe", "Ryan", "Zoe", "Adrian", "Priscilla", "Victor")
}

func lastNames(language string) []written {
	switch language {
	case "de":
		return plain("Köhler", "Bachmann", "Reinhardt", "Lorenz", "Schuster", "Ebert", "Pohl", "Winkler", "Hoppe", "Seidel", "Kühn", "Arndt", "Böhm",
			"Sommer", "Franke", "Thiel", "Gerlach", "Voss", "Jansen", "Brandl")
	case "zh":
		return []written{
			{"王", "wang"},
			{"李", "li"},
			{"张", "zhang"},
			{"陈", "chen"},
			{"刘", "liu"},
			{"黄", "huang"},
			{"周", "zhou"},
			{"吴", "wu"},
			{"林", "lin"},
			{"郑", "zheng"},
		}
	case "ja":
		return []written{
			{"佐藤", "sato"},
			{"鈴木", "suzuki"},
			{"高橋", "takahashi"},
			{"田中", "tanaka"},
			{"渡辺", "watanabe"},
			{"山本", "yamamoto"},
			{"中村", "nakamura"},
			{"小林", "kobayashi"},
			{"加藤", "kato"},
			{"吉田", "yoshida"},
		}
	case "pt":
		return plain("Carvalho", "Ferreira", "Moreira", "Teixeira", "Lopes", "Marques", "Azevedo", "Pinheiro", "Correia", "Nunes", "Barros", "Antunes")
	}
	return plain("Whitfield", "Carter", "Hargreaves", "Sinclair", "Bennett", "Goh", "Mercer", "Donnelly", "Prescott", "Wong", "Ashworth", "Pillai", "Langley",
		"Kerr", "Osborne", "Teo", "Fairfax", "Holloway", "Chua", "Reid")
}

// companyNames makes n different names of companies in a language, with how each stands in an address. All are invented.
func companyNames(language string, n int) []written {
	switch language {
	case "zh":
		return chineseCompanies()[:n]
	case "ja":
		return japaneseCompanies()[:n]
	}
	heads, trades := companyParts(language)
	list := make([]written, 0, n)
	for i := range n {
		head, trade := heads[i%len(heads)], trades[(i*7+i/len(heads))%len(trades)]
		list = append(list, written{head + " " + trade, latin(head + " " + trade)})
	}
	return list
}

func companyParts(language string) (heads, trades []string) {
	switch language {
	case "de":
		heads = []string{
			"Brückner", "Ahlbeck", "Kranich", "Tannhof", "Lohmeier", "Steinfurth", "Wiesental", "Rabenau", "Querfurt", "Ziegenhain", "Falkenried",
			"Osterholt", "Dornbach", "Feldkamp", "Grünhagen", "Moorstedt", "Silberbach", "Eichwald", "Hohenfels", "Nordhorst", "Lindenau", "Quellgrund",
			"Sternberg", "Uhlenhof", "Varnhagen", "Wachtel", "Buchloh", "Erlenkamp", "Föhrde", "Haselhorst",
		}
		trades = []string{
			"Logistik", "Maschinenbau", "Medizintechnik", "Versand", "Energie", "Verlag", "Fahrzeugteile", "Optik", "Papier", "Lebensmittel", "Pharma",
			"Werkzeuge", "Reisen",
		}
		return heads, trades
	case "pt":
		heads = []string{
			"Vale Verde", "Monte Claro", "Serra Azul", "Rio Manso", "Porto Velado", "Costa Dourada", "Pedra Alta", "Lagoa Funda", "Campo Largo", "Ilha Branca",
			"Ponte Romana",
		}
		trades = []string{"Alimentos", "Tecnologia", "Transportes", "Energia", "Saúde", "Turismo", "Cerâmica"}
		return heads, trades
	}
	heads = []string{
		"Harrow", "Pinecrest", "Silverline", "Northgate", "Bluewater", "Oakhaven", "Larkfield", "Kestrel", "Redbrook", "Stonebridge", "Fairmile",
		"Copperleaf", "Westmere", "Thornbury", "Highmoor", "Ashgrove", "Ravenscroft", "Seabright", "Goldcrest", "Marlow", "Elmstead", "Quillon",
		"Brightwater", "Saltmarsh", "Windrush", "Tidewell", "Foxley", "Ironvale", "Juniper", "Kingsmead",
	}
	trades = []string{
		"Analytics", "Freight", "Media", "Health", "Robotics", "Foods", "Energy", "Studios", "Retail", "Insurance", "Travel", "Biotech", "Payments",
	}
	return heads, trades
}

func chineseCompanies() []written {
	return []written{
		{"云桥科技", "yunqiao-tech"},
		{"海岚物流", "hailan-logistics"},
		{"星河数据", "xinghe-data"},
		{"远帆贸易", "yuanfan-trading"},
		{"青禾食品", "qinghe-foods"},
		{"锦程旅游", "jincheng-travel"},
		{"润泽医疗", "runze-medical"},
		{"启明教育", "qiming-education"},
		{"东篱文化", "dongli-media"},
		{"金穗农业", "jinsui-agri"},
		{"恒岳机械", "hengyue-machinery"},
		{"蓝鲸支付", "lanjing-pay"},
		{"竹影设计", "zhuying-design"},
		{"天枢软件", "tianshu-software"},
		{"和风电子", "hefeng-electronics"},
		{"白鹭能源", "bailu-energy"},
		{"清源水务", "qingyuan-water"},
		{"山海零售", "shanhai-retail"},
		{"飞羽航运", "feiyu-shipping"},
		{"玉衡保险", "yuheng-insurance"},
		{"墨石建材", "moshi-materials"},
		{"春晖药业", "chunhui-pharma"},
		{"鹿鸣游戏", "luming-games"},
		{"长亭安防", "changting-security"},
	}
}

func japaneseCompanies() []written {
	return []written{
		{"株式会社みなと物流", "minato-butsuryu"},
		{"青葉システム株式会社", "aoba-system"},
		{"株式会社千鳥食品", "chidori-foods"},
		{"東雲製作所", "shinonome-works"},
		{"株式会社ひばり電機", "hibari-denki"},
		{"白樺出版株式会社", "shirakaba-books"},
		{"株式会社潮風観光", "shiokaze-kanko"},
		{"若松精密株式会社", "wakamatsu-seimitsu"},
		{"株式会社雲海データ", "unkai-data"},
		{"葵メディカル株式会社", "aoi-medical"},
		{"株式会社鳴海商事", "narumi-shoji"},
		{"月見建設株式会社", "tsukimi-kensetsu"},
		{"株式会社灯台ソフト", "todai-soft"},
		{"柊ファイナンス株式会社", "hiiragi-finance"},
		{"株式会社すずらん薬品", "suzuran-yakuhin"},
		{"琥珀エナジー株式会社", "kohaku-energy"},
		{"株式会社渚通信", "nagisa-tsushin"},
		{"紅葉インテリア株式会社", "momiji-interior"},
		{"株式会社空色ゲームス", "sorairo-games"},
		{"杉並木運輸株式会社", "suginamiki-unyu"},
	}
}
