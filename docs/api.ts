// Types of the API. Generated from its OpenAPI schema by `python manage.py api_types`; do not edit.
// Amounts are whole cents, times are ISO 8601 with an offset. docs/api.md tells how to call.

/** Who may buy a product, and from when. */
export interface AccessOutput {
  /** 仅限谁购买；空表示所有人 */
  for_whom: string;
  /** 调用者是否在其中 */
  is_for_viewer: boolean;
  /** 更高的等级可以购买 */
  by_tier: boolean;
  /** 开通会员套餐可以购买 */
  by_plan: boolean;
  /** 公开开售时间；已开售为 null */
  on_sale_from: string | null;
  /** 调用者可购买的时间（含提前购）；已可购买为 null */
  opens_at: string | null;
  /** 调用者此刻可以购买 */
  is_open: boolean;
}

/** A delivery address. */
export interface AddressInput {
  recipient: string;
  phone: string;
  /** 区县的 6 位行政区划代码，见 regions/ */
  region_code: string;
  /** 街道、门牌号 */
  detail: string;
  is_default?: boolean;
}

/** One delivery address of the caller. */
export interface AddressOutput {
  id: number;
  recipient: string;
  phone: string;
  region_code: string;
  /** 省 市 区 */
  region: string;
  detail: string;
  is_default: boolean;
}

/** 我的资产. */
export interface AssetsBlock {
  id: number;
  kind: AssetsBlockKindEnum;
  values: AssetsOutput;
}

export type AssetsBlockKindEnum = "assets";

/** 我的资产. */
export interface AssetsOutput {
  /** 可用积分 */
  points: number;
  /** 成长值 */
  growth: number;
  /** 未付款订单冻结的积分 */
  held: number;
  /** 即将到期的积分 */
  lapsing_points: number;
  /** 最后可用的一天；没有为 null */
  lapsing_day: string | null;
}

/** One of the pictures that come with the shop. */
export interface AvatarInput {
  /** person、woman、man、girl、boy、panda、cat、rabbit 等 */
  avatar: string;
}

/** 轮播图. */
export interface BannerBlock {
  id: number;
  kind: BannerBlockKindEnum;
  values: BannerOutput;
}

export type BannerBlockKindEnum = "banner";

/** 轮播图. */
export interface BannerOutput {
  slides: SlideOutput[];
}

/** One benefit of a tier. */
export interface BenefitOutput {
  /** 权益类型：points_multiplier、discount、member_price、free_shipping、birthday_gift、tier_up_gift、monthly_coupons、welcome_gift、exclusive_products、early_access、priority_shipping、dedicated_support、free_returns、event_invitation、other */
  kind: string;
  /** 按类型解读 */
  value: string | null;
  title: string;
  subtitle: string;
  icon: string;
}

/** 等级权益. */
export interface BenefitsBlock {
  id: number;
  kind: BenefitsBlockKindEnum;
  values: BenefitsOutput;
}

export type BenefitsBlockKindEnum = "benefits";

/** 等级权益. */
export interface BenefitsOutput {
  tier_name: string;
  /** 当前等级的权益数 */
  count: number;
  perks: PerkOutput[];
}

export type BirthdayCalendarEnum = "solar" | "lunar";

export type BlankEnum = "";

export type Block = AssetsBlock | BannerBlock | BenefitsBlock | CampaignNoticesBlock | CheckInWeekBlock | InvitationRewardsBlock | MemberStripBlock | NewcomerGiftsBlock | OrderCountsBlock | PointsRailBlock | ProductFeedBlock | ProductRailBlock | RewardsInReachBlock | ShortcutsBlock | TierCardBlock;

/** One day of the seven. */
export interface BlockDayOutput {
  /** 今天、周一 … */
  name: string;
  /** 已得或将得的积分 */
  points: number;
  state: DayState;
  /** 图标名 */
  art: string;
}

/** A product on a page. */
export interface BlockProductOutput {
  id: number;
  name: string;
  subtitle: string;
  /** 图片地址；没有为空 */
  image: string;
  /** 该会员的价格（分） */
  price_cents: number;
  /** 划线价（分）；没有为 null */
  list_price_cents: number | null;
  /** 会员价（分）；没有或不比调用者的价格低为 null */
  member_price_cents: number | null;
  /** price_cents 就是会员价 */
  is_member_price: boolean;
  tags: string[];
  sold_count: number;
  is_sold_out: boolean;
  access: AccessOutput;
}

/** A product of the points mall on a page. */
export interface BlockRewardOutput {
  id: number;
  name: string;
  subtitle: string;
  image: string;
  /** 现在所需的积分 */
  points: number;
  /** 活动前的积分；没有活动为 0 */
  was_points: number;
  /** 另付现金（分） */
  cash_cents: number;
  /** 价值（分） */
  worth_cents: number;
  is_sold_out: boolean;
  access: AccessOutput;
}

/** 活动提醒. */
export interface CampaignNoticesBlock {
  id: number;
  kind: CampaignNoticesBlockKindEnum;
  values: CampaignNoticesOutput;
}

export type CampaignNoticesBlockKindEnum = "campaign_notices";

/** 活动提醒. */
export interface CampaignNoticesOutput {
  title: string;
  notices: NoticeOutput[];
}

/** The tier and how far the next one is. */
export interface CardOutput {
  name: string;
  rank: number;
  /** 图标名 */
  art: string;
  /** 卡面：t1 到 t4 */
  skin: string;
  /** 成长值 */
  growth: number;
  /** 本级进度百分比 */
  percent: number;
  /** 下一等级；最高等级时为空 */
  next_name: string;
  /** 下一等级所需的成长值；最高等级时为 0 */
  next_threshold: number;
  /** 距下一等级还差 */
  missing: number;
  /** 约需消费（分）；店铺不显示金额时为 0 */
  missing_cents: number;
  /** 等级有效期的最后一天；长期有效为 null */
  last_day: string | null;
  /** 保级还差的成长值；已满足为 0 */
  missing_to_keep: number;
  /** 保级约需消费（分） */
  missing_to_keep_cents: number;
  steps: TierStepOutput[];
}

/** The cart. It holds 100 lines at most. */
export interface CartOutput {
  rows: CartRowOutput[];
  /** 选中商品的试算；没有选中为 null */
  priced: PricedOutput | null;
  selected_quantity: number;
  all_selected: boolean;
}

/** One line of the cart. */
export interface CartRowOutput {
  line_id: number;
  sku_id: number;
  product_id: number;
  name: string;
  sku_label: string;
  image: string;
  quantity: number;
  is_selected: boolean;
  price_cents: number;
  /** 加入时的价格（分） */
  seen_price_cents: number;
  /** 商城原价（分） */
  ordinary_price_cents: number;
  /** price_cents 就是会员价 */
  is_member_price: boolean;
  available: number;
  /** 已下架 */
  is_gone: boolean;
  /** 不能购买的原因 */
  problem: string;
  access: AccessOutput;
}

/** What is owed, until when, and how it can be paid. */
export interface CashierOutput {
  number: string;
  status: OrderStatus;
  payable_cents: number;
  points_spent: number;
  expires_at: string | null;
  can_pay: boolean;
  providers: ProviderOutput[];
}

/** A category. */
export interface CategoryOutput {
  id: number;
  name: string;
  /** 分类代码 */
  slug: string;
  /** 图标名 */
  art: string;
}

/** The member centre in one answer. */
export interface CentreOutput {
  member: MemberOutput;
  tier: TierOutput;
  /** 最高等级时为 null */
  next_tier: RungOutput | null;
  /** 升级后新增的权益 */
  next_benefits: BenefitOutput[];
  growth: GrowthOutput;
  /** 等级有效期和保级条件 */
  period: PeriodOutput;
  /** 各等级的权益，由低到高 */
  tiers: TierTabOutput[];
  points: PointsOutput;
}

/** The streak and its seven days. */
export interface CheckInOutput {
  /** 连续签到天数 */
  streak: number;
  is_done_today: boolean;
  points_today: number;
  /** 今天签到的凭证 */
  receipt_id: number | null;
  days: WeekDayOutput[];
}

/** 签到. */
export interface CheckInWeekBlock {
  id: number;
  kind: CheckInWeekBlockKindEnum;
  values: CheckInWeekOutput;
}

export type CheckInWeekBlockKindEnum = "check_in_week";

/** 签到. */
export interface CheckInWeekOutput {
  /** 连续签到天数 */
  streak: number;
  is_done_today: boolean;
  points_today: number;
  hint: string;
  days: BlockDayOutput[];
}

/** What checking in brought. */
export interface CheckedInOutput {
  day: string;
  streak: number;
  points: number;
  receipt_id: number | null;
}

/** One line of a quote. */
export interface CheckoutRowOutput {
  sku_id: number;
  product_id: number;
  name: string;
  sku_label: string;
  image: string;
  quantity: number;
  /** 单价（分）；兑换时为每件另付的现金 */
  price_cents: number;
  /** 商城原价（分） */
  ordinary_price_cents: number;
  /** price_cents 就是会员价 */
  is_member_price: boolean;
  /** 兑换时每件的积分 */
  points: number;
}

/** A wish to leave and what it means. */
export interface ClosingOutput {
  lost: LostOutput;
  /** 申请时间；没有申请为 null */
  asked_at: string | null;
  /** 生效时间，此前可撤销；没有申请为 null */
  due_at: string | null;
}

/** A code that was sent to the caller's phone. */
export interface CodeInput {
  /** 短信里的 6 位数字 */
  code: string;
}

/** Which version is agreed to: the one that was shown. */
export interface ConsentInput {
  version: number;
}

/** A copy of the caller's data. */
export interface CopyOutput {
  id: number;
  /** pending 准备中、ready 可下载、gone 已失效 */
  status: string;
  requested_at: string;
  /** 下载截止时间；不可下载时为 null */
  expires_at: string | null;
  kilobytes: number;
}

export type DayState = "done" | "today" | "ahead";

/** A device that is signed in. */
export interface DeviceOutput {
  id: number;
  /** 设备名 */
  name: string;
  /** H5、小程序 */
  channel: string;
  /** 打码后的网络地址 */
  address: string;
  signed_in_at: string;
  /** 最近使用，精确到小时 */
  last_used_at: string;
  /** 是否就是发出这次请求的设备 */
  is_current: boolean;
}

/** What was taken out of a lot (negative) or put back. */
export interface DrawOutput {
  points: number;
  earned_at: string;
  expires_at: string | null;
}

/** One entry with the lots it made and drew on. */
export interface EntryDetailOutput {
  entry: EntryOutput;
  /** 人工调整的说明 */
  note: string;
  lots: LotOutput[];
  draws: DrawOutput[];
  /** 解释它的凭证属于哪条流水；没有为 null */
  receipt_entry_id: number | null;
  /** 扣回时已经过期的部分 */
  lapsed_before: number;
  /** 扣回时免除的部分 */
  forgiven: number;
}

/** One entry of the statement. */
export interface EntryOutput {
  id: number;
  title: string;
  icon: string;
  note: string;
  /** earn、confirm、spend、hold、release、restore、clawback、expire、repay、adjust … */
  kind: string;
  /** 可用积分的增减 */
  points: number;
  /** 待生效积分的增减 */
  pending: number;
  /** 欠分的增减 */
  owed: number;
  /** 此后可用积分 */
  spendable_after: number;
  /** 来源，例如 order:88 */
  source: string;
  occurred_at: string;
}

/** A part of the statement, newest first. */
export interface EntryPage {
  /** 取下一页用；空字符串表示没有更多 */
  next_cursor: string;
  items: EntryOutput[];
}

/** What every refusal looks like. */
export interface ErrorBody {
  /** 稳定的错误代码，供程序判断 */
  code: string;
  /** 可直接展示给用户的中文说明 */
  message: string;
  /** 按字段列出的中文说明；没有时为空对象 */
  fields: Record<string, string[]>;
  /** 供程序读取的数值；没有时为空对象 */
  facts: ErrorFacts;
}

/** What a program may read of a refusal; which facts it has, follows from its code. */
export interface ErrorFacts {
  /** not_enough_points：可用积分；out_of_stock：还剩的件数 */
  available?: number;
  /** body_too_large：最大的 KB 数 */
  kilobytes?: number;
  /** wrong_code：还可以再试的次数 */
  left?: number;
  /** too_many_addresses：最多的地址数；too_many_copies：每天最多几次 */
  limit?: number;
  /** cart_full：最多的种数；points_not_usable：最多可用的积分；quantity_out_of_range：最多的件数 */
  maximum?: number;
  /** not_enough_points：还差的积分 */
  missing?: number;
  /** price_changed：现在应付（分） */
  payable_cents?: number;
  /** price_changed：现在使用的积分 */
  points?: number;
  /** not_enough_points：需要的积分 */
  required?: number;
  /** code_sent_recently：多少秒后再试；not_on_sale_yet：距该会员可购买的秒数；texts_too_often：多少秒后再试；too_many_codes：多少秒后再试；too_many_codes_from_here：多少秒后再试；too_many_codes_from_here_today：多少秒后再试；too_many_passwords：多少秒后再试；wechat_too_often：多少秒后再试；throttled：多少秒后再试 */
  seconds?: number;
  /** exclusive_product：专享商品的规格；not_on_sale_yet：未开售的规格；out_of_stock：库存不足的规格；sku_gone：已下架的规格 */
  sku_id?: number;
  /** points_not_usable：须为它的整数倍 */
  step?: number;
}

/** The same before it is confirmed, with what else will happen. */
export interface FeePreviewOutput {
  /** 退回会费（分） */
  cash_cents: number;
  /** 将一并关闭的待付款订单号：它们享该套餐的权益 */
  closing_orders: string[];
}

/** What the member was shown. */
export interface FeeRefundInput {
  /** 试算得到的退回会费（分） */
  expected_cash_cents: number;
}

/** What giving a plan back brings. */
export interface FeeRefundOutput {
  /** 退回会费（分） */
  cash_cents: number;
}

export type GenderEnum = "female" | "male";

/** A gift card's code. */
export interface GiftCardInput {
  /** 激活码，大小写、空格和横线不限 */
  code: string;
}

/** Where the member stands on the ladder. */
export interface GrowthOutput {
  /** 定级成长值 */
  value: number;
  /** 距下一等级还差 */
  missing: number;
  /** 本级进度百分比 */
  percent: number;
}

/** One interest that may be chosen. */
export interface InterestOutput {
  id: number;
  name: string;
  is_chosen: boolean;
}

/** 邀请奖励. */
export interface InvitationRewardsBlock {
  id: number;
  kind: InvitationRewardsBlockKindEnum;
  values: InvitationRewardsOutput;
}

export type InvitationRewardsBlockKindEnum = "invitation_rewards";

/** What inviting earns, and what the member has got by it. */
export interface InvitationRewardsOutput {
  /** 正在进行的邀请活动，每条一句 */
  rules: string[];
  /** 邀请和分享共得的积分，已减去扣回的 */
  points: number;
  /** 其中待生效的积分 */
  pending: number;
}

/** The caller's invite code and what came of it. */
export interface InviteOutput {
  /** 邀请码 */
  code: string;
  /** H5 邀请链接 */
  url: string;
  /** 邀请海报（SVG，须在 H5 登录后打开） */
  poster_url: string;
  totals: InviteeTotalsOutput;
  /** 邀请规则，每条一句 */
  rules: string[];
}

/** One friend, by a masked name. */
export interface InviteeOutput {
  /** 打码后的昵称 */
  name: string;
  state: InviteeOutputStateEnum;
  /** 不计奖励的原因 */
  why: string;
  registered_at: string;
  /** 首单付款 */
  paid_at: string | null;
  /** 首单完成 */
  completed_at: string | null;
  /** 未退款时发放奖励的时间 */
  reward_due_at: string | null;
  rewarded_at: string | null;
}

export type InviteeOutputStateEnum = "registered" | "paid" | "completed" | "rewarded" | "refused" | "clawed_back";

/** Friends, newest first. */
export interface InviteePageOutput {
  /** 取下一页用；空字符串表示没有更多 */
  next_cursor: string;
  items: InviteeOutput[];
}

/** How many friends stand where. */
export interface InviteeTotalsOutput {
  /** 已注册的好友，含不计奖励的 */
  registered: number;
  /** 还在等待首单或退货期的 */
  waiting: number;
  /** 已发放首单奖励的 */
  rewarded: number;
  /** 不计奖励或首单已退款的 */
  not_counted: number;
}

/** Who invites. */
export interface InviterOutput {
  nickname: string;
  /** 头像图标名 */
  avatar: string;
}

/** Points that lapse together. */
export interface LapsingMomentOutput {
  points: number;
  /** 从这一刻起不能使用 */
  expires_at: string;
  /** 可使用的最后一天（上海时间） */
  last_day: string;
  /** 还剩几天；0 表示今天是最后一天 */
  days_left: number;
  /** 是否 30 天内到期 */
  is_soon: boolean;
}

/** What lapses when. */
export interface LapsingOutput {
  /** 可用积分 */
  available: number;
  /** 其中 30 天内到期的 */
  soon: number;
  /** 其中长期有效的 */
  lasting: number;
  /** 其中比所列时间更晚到期的 */
  later: number;
  /** 最早到期的在前，最多 36 个 */
  moments: LapsingMomentOutput[];
  /** 待生效的积分，最多 20 笔 */
  pending: PendingOutput[];
}

/** A phone and the code that was sent to it. */
export interface LoginInput {
  /** 中国大陆手机号；可带 +86、空格或短横 */
  phone: string;
  /** 例如 iPhone 15；不填时从 User-Agent 推断 */
  device_name?: string;
  /** 小程序为这台设备生成并保存的随机标识；同一设备不重复计邀请，换了设备登录会提醒会员 */
  device_id?: string;
  /** 好友的邀请码；仅首次注册有效 */
  invite_code?: string;
  /** 推广渠道的代码；仅首次注册有效 */
  channel_code?: string;
  /** 首次打开邀请或推广链接的时间；省略表示现在 */
  touched_at?: string;
  /** 短信里的 6 位数字 */
  code: string;
  /** sessions/mini-program/ 给的 ticket；登录成功后绑定该微信，下次直接登录 */
  ticket?: string;
}

/** A fresh token and whose it is. */
export interface LoginOutput {
  /** 放在请求头 Authorization: Bearer <token>；只返回这一次 */
  token: string;
  /** 到期时间；使用中会自动延长 */
  expires_at: string;
  /** 是否刚刚注册 */
  is_new: boolean;
  member: MemberOutput;
}

export type LookEnum = "art" | "icon";

/** What closing the account would take away. */
export interface LostOutput {
  /** 将作废的积分 */
  points: number;
  /** 将清零的成长值 */
  growth: number;
  /** 是否还有付费会员 */
  paid_membership: boolean;
  /** 付费会员到期时间；没有或终身为 null */
  paid_until: string | null;
  /** 须先办完的事；为空才能注销 */
  matters: string[];
  /** 冷静期天数 */
  days: number;
}

/** Points that were earned together. */
export interface LotOutput {
  points: number;
  remaining: number;
  earned_at: string;
  /** null 表示长期有效 */
  expires_at: string | null;
}

/** The member, for their own eyes. */
export interface MemberOutput {
  /** 会员号 */
  number: string;
  nickname: string;
  /** 头像名 */
  avatar: string;
  /** 头像图片地址 */
  avatar_url: string;
  /** 打码后的手机号 */
  phone: string;
  /** YYYY-MM-DD（公历）；未填写为空 */
  birthday: string;
}

/** 会员条. */
export interface MemberStripBlock {
  id: number;
  kind: MemberStripBlockKindEnum;
  values: MemberStripOutput;
}

export type MemberStripBlockKindEnum = "member_strip";

/** 会员条. A visitor is asked to log in. */
export interface MemberStripOutput {
  is_guest: boolean;
  /** 可用积分；未登录时没有 */
  points?: number;
  /** 未登录时没有 */
  card?: CardOutput;
}

/** The caller's paid membership. */
export interface MembershipOutput {
  /** 正在生效的套餐；没有为 null */
  plan: PlanOutput | null;
  /** order、gift_card 或 trial；没有为空 */
  source: string;
  /** 有效期至，包含已续的时间；终身为 null */
  ends_at: string | null;
  is_for_life: boolean;
  /** 已试用过 */
  has_had_trial: boolean;
  /** 已省（分） */
  saved_cents: number;
  /** 升级时剩余时间可抵扣（分） */
  credit_cents: number;
}

/** One message of the inbox. */
export interface MessageOutput {
  id: number;
  title: string;
  body: string;
  /** 点击后打开的页面路径；没有为空 */
  link: string;
  /** 图标名 */
  icon: string;
  /** service 服务通知，marketing 营销消息 */
  purpose: PurposeEnum;
  sent_at: string;
  is_unread: boolean;
}

/** A part of the inbox, newest first. */
export interface MessagePage {
  /** 取下一页用；空字符串表示没有更多 */
  next_cursor: string;
  items: MessageOutput[];
}

/** What wx.login gave. */
export interface MiniProgramInput {
  /** 例如 iPhone 15；不填时从 User-Agent 推断 */
  device_name?: string;
  /** 小程序为这台设备生成并保存的随机标识；同一设备不重复计邀请，换了设备登录会提醒会员 */
  device_id?: string;
  /** wx.login 返回的 code，5 分钟内有效，只能用一次 */
  code: string;
}

/** Either a log-in, or a ticket for somebody who has to show a phone first. */
export interface MiniProgramOutput {
  /** 已绑定的微信：登录结果；未绑定为 null */
  login: LoginOutput | null;
  /** 未绑定的微信：换手机号时带上；已绑定为 null */
  ticket: string | null;
  /** ticket 的失效时间 */
  ticket_expires_at: string | null;
}

/** A campaign that did not apply. */
export interface NearlyOutput {
  campaign: string;
  why: string;
}

/** 新人礼. */
export interface NewcomerGiftsBlock {
  id: number;
  kind: NewcomerGiftsBlockKindEnum;
  values: NewcomerGiftsOutput;
}

export type NewcomerGiftsBlockKindEnum = "newcomer_gifts";

/** What a newcomer gets. */
export interface NewcomerGiftsOutput {
  /** 每条一句 */
  gifts: string[];
}

/** A campaign that runs. */
export interface NoticeOutput {
  name: string;
  text: string;
  /** 图标名 */
  icon: string;
  /** 今日有效、进行中 */
  tag: string;
}

/** How many orders wait for one thing. */
export interface OrderCountOutput {
  name: string;
  /** 图标名 */
  icon: string;
  /** orders/?status= 的取值 */
  status: string;
  /** 角标；0 不显示 */
  number: number;
}

/** 订单数量. */
export interface OrderCountsBlock {
  id: number;
  kind: OrderCountsBlockKindEnum;
  values: OrderCountsBlockOutput;
}

export type OrderCountsBlockKindEnum = "order_counts";

/** 订单数量. */
export interface OrderCountsBlockOutput {
  title: string;
  counts: OrderCountOutput[];
}

/** How many orders wait for what. */
export interface OrderCountsOutput {
  created: number;
  paid: number;
  shipped: number;
  completed: number;
  refunded: number;
}

/** One order in full. */
export interface OrderDetailOutput {
  number: string;
  kind: OrderKind;
  status: OrderStatus;
  status_label: string;
  payable_cents: number;
  points_spent: number;
  refunded_cents: number;
  created_at: string;
  /** 付款截止；不待付款为 null */
  expires_at: string | null;
  lines: OrderLineOutput[];
  quantity: number;
  can_pay: boolean;
  can_cancel: boolean;
  can_confirm: boolean;
  /** 优先发货：下单时有该权益 */
  is_priority: boolean;
  /** 关闭原因：fee_returned 会员权益随退会费终止；membership_changed 会员时间有变化；其他为空 */
  closed_because: string;
  channel: string;
  steps: StepOutput[];
  goods_cents: number;
  discount_cents: number;
  points_discount_cents: number;
  freight_cents: number;
  recipient: string;
  /** 打码 */
  recipient_phone: string;
  region: string;
  address: string;
  buyer_note: string;
  paid_at: string | null;
  shipped_at: string | null;
  received_at: string | null;
  completed_at: string | null;
  cancelled_at: string | null;
  shipments: ShipmentOutput[];
  refunds: RefundOutput[];
  /** 下单时承诺的积分 */
  earn_points: number;
  /** 下单时承诺的成长值 */
  earn_growth: number;
}

/** An order for cash. */
export interface OrderInput {
  /** 收货地址 id */
  address_id: number;
  /** 试算得到的应付金额（分）；与下单时不一致会被拒绝 */
  expected_payable_cents: number;
  buyer_note?: string;
  /** 省略表示购物车里选中的商品 */
  lines?: WantedInput[];
  /** 用多少积分抵扣 */
  points?: number;
}

export type OrderKind = "sale" | "redemption" | "plan";

/** One line as it was bought. */
export interface OrderLineOutput {
  id: number;
  sku_id: number;
  product_id: number;
  product_name: string;
  sku_label: string;
  image: string;
  quantity: number;
  unit_price_cents: number;
  /** 按会员价成交时的单价（分）；否则为 null */
  member_price_cents: number | null;
  goods_cents: number;
  discount_cents: number;
  points_discount_cents: number;
  points_spent: number;
  /** 实付（分） */
  paid_cents: number;
  refunded_quantity: number;
}

/** An order in a list, with what can be done now. */
export interface OrderOutput {
  number: string;
  kind: OrderKind;
  status: OrderStatus;
  status_label: string;
  payable_cents: number;
  points_spent: number;
  refunded_cents: number;
  created_at: string;
  /** 付款截止；不待付款为 null */
  expires_at: string | null;
  lines: OrderLineOutput[];
  quantity: number;
  can_pay: boolean;
  can_cancel: boolean;
  can_confirm: boolean;
  /** 优先发货：下单时有该权益 */
  is_priority: boolean;
  /** 关闭原因：fee_returned 会员权益随退会费终止；membership_changed 会员时间有变化；其他为空 */
  closed_because: string;
}

/** A part of the order list, newest first. */
export interface OrderPage {
  /** 取下一页用；空字符串表示没有更多 */
  next_cursor: string;
  items: OrderOutput[];
}

export type OrderStatus = "created" | "paid" | "shipped" | "received" | "completed" | "cancelled";

export type OutcomeEnum = "paid" | "already_recorded" | "returned" | "amount_mismatch";

/** What became of a payment. */
export interface OutcomeOutput {
  outcome: OutcomeEnum;
}

/** The paid time that was added. */
export interface PaidTimeOutput {
  starts_at: string;
  /** 终身为 null */
  ends_at: string | null;
}

/** A part of the notice. */
export interface ParagraphOutput {
  text: string;
  is_heading: boolean;
}

/** A code and the new password. */
export interface PasswordInput {
  /** 短信里的 6 位数字 */
  code: string;
  /** 至少 8 位，不能太常见，不能包含手机号 */
  password: string;
}

/** A phone and its password. */
export interface PasswordLoginInput {
  /** 中国大陆手机号；可带 +86、空格或短横 */
  phone: string;
  /** 例如 iPhone 15；不填时从 User-Agent 推断 */
  device_name?: string;
  /** 小程序为这台设备生成并保存的随机标识；同一设备不重复计邀请，换了设备登录会提醒会员 */
  device_id?: string;
  /** 登录密码 */
  password: string;
}

/** Whether the member can log in by password. */
export interface PasswordOutput {
  has_password: boolean;
}

/** What a member may change about themselves; what is left out stays. */
export interface PatchedProfileInput {
  /** 1 至 20 个字 */
  nickname?: string;
  /** YYYY-MM-DD，按 birthday_calendar 的历法；一年只能修改一次 */
  birthday?: string;
  /** 与 birthday 一起提交；农历生日每年按农历庆祝 */
  birthday_calendar?: BirthdayCalendarEnum;
  /** 农历闰月 */
  birthday_is_leap?: boolean;
  gender?: GenderEnum | BlankEnum;
  /** 区县代码，见 regions/；空为清除 */
  region_code?: string;
  /** 全部兴趣的编号，整体替换 */
  interests?: number[];
}

/** A new quantity of a cart line. */
export interface PatchedQuantityInput {
  quantity?: number;
}

/** How it shall be paid. */
export interface PaymentInput {
  /** 支付方式代码，见收银台 */
  provider: string;
}

/** An open attempt to pay. */
export interface PaymentOutput {
  /** 支付单号 */
  out_trade_no: string;
  amount_cents: number;
  provider: string;
}

/** Points earned that can't be used yet. */
export interface PendingOutput {
  /** 对应的流水 */
  entry_id: number;
  title: string;
  points: number;
  earned_at: string;
}

/** Until when the member has the tier, and what keeps it. */
export interface PeriodOutput {
  /** 有效期的最后一天；长期有效为 null */
  last_day: string | null;
  /** 保级还差的成长值；已满足为 0 */
  missing_to_keep: number;
  /** 保级约需消费（分）；店铺不显示金额时为 0 */
  missing_to_keep_cents: number;
  /** 升级约需消费（分）；店铺不显示金额时为 0 */
  missing_cents: number;
}

/** A benefit, the member's or the next tier's. */
export interface PerkOutput {
  title: string;
  subtitle: string;
  /** 图标名 */
  icon: string;
  /** 升级后解锁 */
  is_locked: boolean;
}

/** A ticket, and what the phone button gave. */
export interface PhoneButtonInput {
  /** 例如 iPhone 15；不填时从 User-Agent 推断 */
  device_name?: string;
  /** 小程序为这台设备生成并保存的随机标识；同一设备不重复计邀请，换了设备登录会提醒会员 */
  device_id?: string;
  /** 好友的邀请码；仅首次注册有效 */
  invite_code?: string;
  /** 推广渠道的代码；仅首次注册有效 */
  channel_code?: string;
  /** 首次打开邀请或推广链接的时间；省略表示现在 */
  touched_at?: string;
  /** sessions/mini-program/ 给的 ticket */
  ticket: string;
  /** getPhoneNumber 按钮返回的 code，不是 wx.login 的 */
  phone_code: string;
}

/** Where a code goes. */
export interface PhoneInput {
  /** 中国大陆手机号；可带 +86、空格或短横 */
  phone: string;
}

/** A picture, as multipart/form-data. */
export interface PictureInput {
  /** JPG、PNG、WebP 或 GIF，10 MB 以内；裁成方形并重新编码，照片里的位置等信息会被去掉 */
  image: string;
}

/** The order that stands now. */
export interface PlacedOutput {
  /** 订单号 */
  number: string;
  /** paid 表示无需付款 */
  status: OrderStatus;
  payable_cents: number;
}

/** One benefit of a plan. */
export interface PlanBenefitOutput {
  kind: PlanBenefitOutputKindEnum;
  title: string;
  subtitle: string;
  /** 程度，例如「9 折」；没有程度的为空 */
  amount: string;
}

export type PlanBenefitOutputKindEnum = "points_multiplier" | "discount" | "member_price" | "free_shipping" | "birthday_gift" | "tier_up_gift" | "monthly_coupons" | "welcome_gift" | "exclusive_products" | "early_access" | "priority_shipping" | "dedicated_support" | "free_returns" | "event_invitation" | "other";

/** All plans on sale. */
export interface PlanListOutput {
  items: PlanOutput[];
}

/** Which price and which refund rule were shown, and whether the plan takes the place of the time that is left. */
export interface PlanOrderInput {
  /** 页面上显示的应付（分） */
  expected_payable_cents: number;
  /** 升级：剩余时间按天折价抵扣，新套餐即刻生效 */
  is_upgrade?: boolean;
  /** 会员看到的退会费规则：套餐的 refund_terms 原样传回，已有变化时拒绝；不传则按下单时的规则 */
  refund_terms?: string;
}

/** One plan on sale. */
export interface PlanOutput {
  id: number;
  name: string;
  /** 月数；0 为终身 */
  months: number;
  /** 价格（分） */
  price_cents: number;
  /** 划线价（分） */
  list_price_cents: number | null;
  /** 可试用的天数；0 为没有试用 */
  trial_days: number;
  /** 开卡礼说明 */
  welcome_words: string;
  /** 退会费规则，购买前须展示 */
  refund_words: string;
  /** 该规则的标识，购买时原样传回 */
  refund_terms: string;
  benefits: PlanBenefitOutput[];
}

/** How many points may pay. */
export interface PointsOfferOutput {
  /** 可用积分 */
  available: number;
  /** 本单最多可用 */
  maximum: number;
  /** 须为它的整数倍 */
  step: number;
  value_cents_at_maximum: number;
  /** 多少积分抵 1 元 */
  per_yuan: number;
  /** 不可用时的原因 */
  reason: string;
}

/** What a member has. */
export interface PointsOutput {
  /** 可用积分 */
  available: number;
  /** 待生效的积分，暂不能使用 */
  pending: number;
  /** 未付款订单冻结的积分 */
  held: number;
  /** 待抵扣的欠分 */
  arrears: number;
  /** 即将到期的积分 */
  lapsing_points: number;
  /** 即将到期的时间；没有为 null */
  lapsing_at: string | null;
}

/** 积分好礼. */
export interface PointsRailBlock {
  id: number;
  kind: PointsRailBlockKindEnum;
  values: PointsRailOutput;
}

export type PointsRailBlockKindEnum = "points_rail";

/** 积分好礼. */
export interface PointsRailOutput {
  title: string;
  products: BlockRewardOutput[];
}

/** The choice for one way and purpose. */
export interface PreferenceInput {
  /** 渠道 */
  way: WayEnum;
  /** 用途 */
  purpose: PurposeEnum;
  /** 是否接收 */
  is_on: boolean;
}

/** One way for one purpose. */
export interface PreferenceOutput {
  /** 渠道 */
  way: WayEnum;
  /** 用途 */
  purpose: PurposeEnum;
  /** 是否接收 */
  is_on: boolean;
}

/** A basket with its arithmetic. */
export interface PricedOutput {
  /** sale 或 redemption */
  kind: string;
  /** 各项金额之和为应付 */
  steps: StepOutput[];
  goods_cents: number;
  discount_cents: number;
  points_discount_cents: number;
  points_spent: number;
  freight_cents: number;
  /** 应付（分） */
  payable_cents: number;
  points_offer: PointsOfferOutput;
  /** 兑换还差的积分 */
  points_short: number;
  /** 再买多少可包邮（分） */
  free_freight_missing_cents: number;
  /** 预计可得积分 */
  earn_points: number;
  /** 预计可得成长值 */
  earn_growth: number;
  /** 差一点就能享受的优惠 */
  nearly: string[];
}

/** The privacy notice in force. */
export interface PrivacyNoticeOutput {
  version: number;
  title: string;
  /** 本次更新了什么 */
  changes: string;
  published_at: string;
  paragraphs: ParagraphOutput[];
}

/** One product. */
export interface ProductDetailOutput {
  id: number;
  name: string;
  subtitle: string;
  description: string;
  images: string[];
  category_name: string;
  category_slug: string;
  sold_count: number;
  is_redeemable: boolean;
  is_sold_out: boolean;
  skus: SkuOutput[];
  /** 买一件首个规格预计可得的积分 */
  earn_points: number;
  access: AccessOutput;
}

/** 商品瀑布流. */
export interface ProductFeedBlock {
  id: number;
  kind: ProductFeedBlockKindEnum;
  values: ProductFeedOutput;
}

export type ProductFeedBlockKindEnum = "product_feed";

/** 商品瀑布流. */
export interface ProductFeedOutput {
  title: string;
  products: BlockProductOutput[];
  /** 接着用 products/?cursor= 取下一页；空表示没有更多 */
  next_cursor: string;
}

/** A product in a list. */
export interface ProductOutput {
  id: number;
  name: string;
  subtitle: string;
  /** 图片地址；没有为空 */
  image: string;
  /** 价格所属的规格 */
  sku_id: number;
  /** 该会员的价格（分） */
  price_cents: number;
  /** 划线价（分）；没有为 null */
  list_price_cents: number | null;
  /** 会员价（分）；没有或不比调用者的价格低为 null */
  member_price_cents: number | null;
  /** price_cents 就是会员价 */
  is_member_price: boolean;
  sku_count: number;
  sold_count: number;
  is_sold_out: boolean;
  access: AccessOutput;
}

/** A part of the product list. */
export interface ProductPage {
  /** 取下一页用；空字符串表示没有更多 */
  next_cursor: string;
  items: ProductOutput[];
}

/** 商品橱窗. */
export interface ProductRailBlock {
  id: number;
  kind: ProductRailBlockKindEnum;
  values: ProductRailOutput;
}

export type ProductRailBlockKindEnum = "product_rail";

/** 商品橱窗. */
export interface ProductRailOutput {
  title: string;
  /** 查看更多：H5 页面的路径，例如 /points-mall/ */
  more: string;
  products: BlockProductOutput[];
}

/** The caller's profile. */
export interface ProfileOutput {
  /** 会员号 */
  number: string;
  nickname: string;
  /** 头像名 */
  avatar: string;
  /** 头像图片地址 */
  avatar_url: string;
  /** 打码后的手机号 */
  phone: string;
  /** female、male 或空 */
  gender: string;
  /** YYYY-MM-DD，按 birthday_calendar 的历法；未填写为空 */
  birthday: string;
  /** solar 公历、lunar 农历 */
  birthday_calendar: string;
  /** 农历闰月 */
  birthday_is_leap: boolean;
  /** 商家不允许会员自行修改 */
  birthday_is_final: boolean;
  /** 从这一天起可以修改；随时可改为 null */
  birthday_from: string | null;
  region_code: string;
  /** 省 市 区 */
  region: string;
  /** 可选的兴趣 */
  interests: InterestOutput[];
  /** 资料还缺什么 */
  missing: string[];
  /** 是否曾经完善过资料 */
  is_completed: boolean;
}

/** A way to pay. */
export interface ProviderOutput {
  code: string;
  title: string;
}

export type PurposeEnum = "service" | "marketing";

/** What shall be priced. */
export interface QuoteInput {
  kind?: OrderKind;
  /** 省略表示购物车里选中的商品 */
  lines?: WantedInput[];
  /** 想用多少积分抵扣；超出时按上限计算 */
  points?: number;
}

/** What placing the order now would book. */
export interface QuoteOutput {
  rows: CheckoutRowOutput[];
  priced: PricedOutput;
}

/** How many became read. */
export interface ReadOutput {
  /** 这次标为已读的条数 */
  read: number;
}

/** Why something was given, step by step. */
export interface ReceiptOutput {
  id: number;
  headline: string;
  /** 付款、退款、签到 … */
  what: string;
  points: number;
  growth: number;
  /** 判定时间 */
  at: string;
  /** 发放时间 */
  created_at: string;
  order_number: string;
  sums: ReceiptSumOutput[];
  /** 差一点就能享受的活动 */
  nearly: NearlyOutput[];
  /** 退款扣回时，原凭证的 id */
  origin_id: number | null;
  taken_back: TakenBackOutput[];
}

/** One step of the arithmetic. */
export interface ReceiptStepOutput {
  icon: string;
  /** 哪个活动或等级 */
  title: string;
  /** 怎么算的 */
  text: string;
  /** 算到这一步的结果 */
  value: string;
}

/** All steps of one asset. */
export interface ReceiptSumOutput {
  /** points 或 growth */
  asset: string;
  name: string;
  steps: ReceiptStepOutput[];
  /** 取整说明；没有为空 */
  rounding: string;
  formula: string;
  total: number;
}

/** An order for points. */
export interface RedemptionInput {
  /** 收货地址 id */
  address_id: number;
  /** 试算得到的应付金额（分）；与下单时不一致会被拒绝 */
  expected_payable_cents: number;
  buyer_note?: string;
  quantity: number;
  /** 规格 id */
  sku_id: number;
  /** 试算得到的积分 */
  expected_points: number;
}

/** A refund. */
export interface RefundOutput {
  number: string;
  cash_cents: number;
  /** 退回的积分 */
  points: number;
  reason: string;
  created_at: string;
}

/** A province, city or district. */
export interface RegionOutput {
  code: string;
  name: string;
}

/** One product of the points mall. */
export interface RewardDetailOutput {
  id: number;
  name: string;
  subtitle: string;
  description: string;
  images: string[];
  skus: RewardSkuOutput[];
  /** 可用积分；未登录为 null */
  balance: number | null;
  access: AccessOutput;
}

/** A product in the points mall. */
export interface RewardOutput {
  id: number;
  name: string;
  subtitle: string;
  image: string;
  sku_id: number;
  /** 现在所需的积分 */
  points: number;
  /** 活动前的积分 */
  base_points: number;
  /** 另付现金（分） */
  cash_cents: number;
  /** 价值（分） */
  worth_cents: number;
  is_sold_out: boolean;
  access: AccessOutput;
}

/** A part of the points mall. */
export interface RewardPage {
  /** 取下一页用；空字符串表示没有更多 */
  next_cursor: string;
  items: RewardOutput[];
  /** 可用积分；未登录为 null */
  balance: number | null;
}

/** A SKU to redeem. */
export interface RewardSkuOutput {
  id: number;
  label: string;
  points: number;
  base_points: number;
  cash_cents: number;
  worth_cents: number;
  available: number;
}

/** 积分够兑的好礼. */
export interface RewardsInReachBlock {
  id: number;
  kind: RewardsInReachBlockKindEnum;
  values: PointsRailOutput;
}

export type RewardsInReachBlockKindEnum = "rewards_in_reach";

/** A tier without its benefits. */
export interface RungOutput {
  code: string;
  name: string;
  rank: number;
  /** 达到该等级所需的成长值 */
  threshold: number;
  /** 卡面颜色 */
  color: string;
  /** 图标名 */
  art: string;
}

/** What membership saved on one order. */
export interface SavingOutput {
  order_number: string;
  /** discount 或 freight */
  kind: string;
  title: string;
  /** 省下（分），已扣除退款的部分 */
  cents: number;
  at: string;
}

/** Savings, newest first. */
export interface SavingPage {
  /** 取下一页用；空字符串表示没有更多 */
  next_cursor: string;
  items: SavingOutput[];
}

/** Which cart lines go to checkout. */
export interface SelectionInput {
  is_selected: boolean;
  /** 省略表示全部 */
  line_ids?: number[];
}

/** Which page is shared. */
export interface ShareInput {
  /** 本商城页面的路径，以 / 开头 */
  path: string;
}

/** A link of one's own. */
export interface ShareOutput {
  code: string;
  url: string;
}

/** A parcel. */
export interface ShipmentOutput {
  carrier: string;
  tracking_no: string;
  shipped_at: string;
}

/** One way to go. */
export interface ShortcutOutput {
  title: string;
  /** H5 页面的路径，例如 /points-mall/ */
  link: string;
  /** 大图标名 */
  art: string;
  /** 小图标名 */
  icon: string;
  /** 角标文字 */
  tip: string;
}

/** 快捷入口. */
export interface ShortcutsBlock {
  id: number;
  kind: ShortcutsBlockKindEnum;
  values: ShortcutsOutput;
}

export type ShortcutsBlockKindEnum = "shortcuts";

/** 快捷入口. */
export interface ShortcutsOutput {
  title: string;
  look: LookEnum;
  entries: ShortcutOutput[];
}

/** A SKU to choose. */
export interface SkuOutput {
  id: number;
  code: string;
  /** 规格名称 */
  label: string;
  price_cents: number;
  list_price_cents: number | null;
  /** 会员价（分）；没有或不比调用者的价格低为 null */
  member_price_cents: number | null;
  /** price_cents 就是会员价 */
  is_member_price: boolean;
  /** 可售库存 */
  available: number;
  is_sold_out: boolean;
}

/** One picture of a banner. */
export interface SlideOutput {
  /** 标题，每项一行 */
  title_lines: string[];
  text: string;
  button: string;
  /** H5 页面的路径，例如 /points-mall/ */
  link: string;
  /** 图标名 */
  art: string;
  tone: ToneEnum;
}

/** One line of the arithmetic. */
export interface StepOutput {
  label: string;
  cents: number;
  points: number;
}

/** A WeChat template that the mini-program may ask about. */
export interface SubscribeTemplateOutput {
  /** 消息编号，例如 order_shipped */
  code: string;
  /** 传给 wx.requestSubscribeMessage 的模板编号 */
  template_id: string;
}

/** What the member answered in WeChat. */
export interface SubscriptionsInput {
  /** 点了允许的模板编号 */
  accepted?: string[];
  /** 点了拒绝的模板编号 */
  refused?: string[];
}

/** A refund that took some of it back. */
export interface TakenBackOutput {
  receipt_id: number;
  points: number;
  growth: number;
  at: string;
}

/** 等级卡. */
export interface TierCardBlock {
  id: number;
  kind: TierCardBlockKindEnum;
  values: TierCardOutput;
}

export type TierCardBlockKindEnum = "tier_card";

/** 等级卡. */
export interface TierCardOutput {
  nickname: string;
  /** 会员号 */
  number: string;
  /** 打码后的手机号 */
  phone: string;
  /** 头像名 */
  avatar: string;
  /** 头像图片地址 */
  avatar_url: string;
  card: CardOutput;
}

/** A tier with what it gives. */
export interface TierOutput {
  code: string;
  name: string;
  rank: number;
  /** 达到该等级所需的成长值 */
  threshold: number;
  /** 卡面颜色 */
  color: string;
  /** 图标名 */
  art: string;
  benefits: BenefitOutput[];
}

/** One benefit of a tier as members read it. */
export interface TierPerkOutput {
  title: string;
  subtitle: string;
  /** 图标名 */
  icon: string;
  /** 例如 1.5 倍、95 折、每月 2 次 */
  amount: string;
  /** 本月已用次数；不计次时为空 */
  use: string;
}

/** One tier on the way. */
export interface TierStepOutput {
  name: string;
  /** 空表示未达到 */
  state: TierStepOutputStateEnum | BlankEnum;
}

export type TierStepOutputStateEnum = "on" | "now";

/** A tier with its benefits, the member's own or one that is still locked. */
export interface TierTabOutput {
  code: string;
  name: string;
  is_own: boolean;
  /** 升级后解锁 */
  is_locked: boolean;
  threshold: number;
  /** 还差的成长值 */
  missing: number;
  /** 约需消费（分） */
  missing_cents: number;
  perks: TierPerkOutput[];
}

/** A code for the till. */
export interface TillCodeOutput {
  /** 二维码的内容，全是数字 */
  code: string;
  /** 失效时间 */
  expires_at: string;
}

export type ToneEnum = "warm" | "night";

/** The number on the bell. */
export interface UnreadOutput {
  /** 未读条数；100 表示 100 条或更多 */
  unread: number;
}

/** Who opens the link. */
export interface VisitInput {
  /** 小程序为这台设备生成并保存的随机标识 */
  device_id: string;
}

/** Where the link leads. */
export interface VisitOutput {
  /** 本商城页面的路径 */
  path: string;
  /** 分享者的邀请码；好友注册时带上它 */
  invite_code: string;
}

/** So many of one SKU. */
export interface WantedInput {
  quantity: number;
  /** 规格 id */
  sku_id: number;
}

export type WayEnum = "wechat_subscribe" | "wechat_official" | "sms" | "email";

/** One day of the running seven. */
export interface WeekDayOutput {
  day: string;
  streak: number;
  /** 已得或将得的积分 */
  points: number;
  state: DayState;
  /** 比平日多 */
  is_special: boolean;
}

/** Every operation: where it is, what it takes and what it answers when all is well. */
export interface Operations {
  /** 收货地址列表 */
  get_addresses: {
    method: "GET";
    address: "/api/v1/addresses/";
    answer: AddressOutput[];
  };
  /** 新增收货地址 */
  post_addresses: {
    method: "POST";
    address: "/api/v1/addresses/";
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    body: AddressInput;
    answer: AddressOutput;
  };
  /** 收货地址详情 */
  get_address: {
    method: "GET";
    address: "/api/v1/addresses/{address_id}/";
    path: {
      address_id: number;
    };
    answer: AddressOutput;
  };
  /** 修改收货地址 */
  put_address: {
    method: "PUT";
    address: "/api/v1/addresses/{address_id}/";
    path: {
      address_id: number;
    };
    body: AddressInput;
    answer: AddressOutput;
  };
  /** 删除收货地址 */
  delete_address: {
    method: "DELETE";
    address: "/api/v1/addresses/{address_id}/";
    path: {
      address_id: number;
    };
    answer: null;
  };
  /** 设为默认地址 */
  post_default_address: {
    method: "POST";
    address: "/api/v1/addresses/{address_id}/default/";
    path: {
      address_id: number;
    };
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    answer: null;
  };
  /** 发送登录验证码 */
  post_codes: {
    method: "POST";
    address: "/api/v1/auth/codes/";
    body: PhoneInput;
    answer: null;
  };
  /** 用手机号和验证码登录 */
  post_login: {
    method: "POST";
    address: "/api/v1/auth/login/";
    body: LoginInput;
    answer: LoginOutput;
  };
  /** 退出登录 */
  post_logout: {
    method: "POST";
    address: "/api/v1/auth/logout/";
    answer: null;
  };
  /** 退出所有设备 */
  post_logout_all: {
    method: "POST";
    address: "/api/v1/auth/logout-all/";
    answer: null;
  };
  /** 用手机号和密码登录 */
  post_password_login: {
    method: "POST";
    address: "/api/v1/auth/password/";
    body: PasswordLoginInput;
    answer: LoginOutput;
  };
  /** 购物车 */
  get_cart: {
    method: "GET";
    address: "/api/v1/cart/";
    answer: CartOutput;
  };
  /** 加入购物车 */
  post_cart_lines: {
    method: "POST";
    address: "/api/v1/cart/lines/";
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    body: WantedInput;
    answer: CartOutput;
  };
  /** 修改数量 */
  patch_cart_line: {
    method: "PATCH";
    address: "/api/v1/cart/lines/{line_id}/";
    path: {
      line_id: number;
    };
    body?: PatchedQuantityInput;
    answer: CartOutput;
  };
  /** 移出购物车 */
  delete_cart_line: {
    method: "DELETE";
    address: "/api/v1/cart/lines/{line_id}/";
    path: {
      line_id: number;
    };
    answer: CartOutput;
  };
  /** 选中或取消选中 */
  post_cart_selection: {
    method: "POST";
    address: "/api/v1/cart/selection/";
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    body: SelectionInput;
    answer: CartOutput;
  };
  /** 商品分类 */
  get_categories: {
    method: "GET";
    address: "/api/v1/categories/";
    headers?: {
      /** 上次应答的 ETag；没有变化时返回 304 */
      "If-None-Match"?: string;
    };
    answer: CategoryOutput[];
  };
  /** 签到状态 */
  get_check_in: {
    method: "GET";
    address: "/api/v1/check-in/";
    answer: CheckInOutput;
  };
  /** 签到 */
  post_check_in: {
    method: "POST";
    address: "/api/v1/check-in/";
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    answer: CheckedInOutput;
  };
  /** 试算 */
  post_checkout: {
    method: "POST";
    address: "/api/v1/checkout/";
    body?: QuoteInput;
    answer: QuoteOutput;
  };
  /** 登录设备 */
  get_devices: {
    method: "GET";
    address: "/api/v1/devices/";
    answer: DeviceOutput[];
  };
  /** 退出其他设备 */
  delete_devices: {
    method: "DELETE";
    address: "/api/v1/devices/";
    answer: null;
  };
  /** 退出一台设备 */
  delete_device: {
    method: "DELETE";
    address: "/api/v1/devices/{device_id}/";
    path: {
      device_id: number;
    };
    answer: null;
  };
  /** 激活礼品卡 */
  post_gift_cards: {
    method: "POST";
    address: "/api/v1/gift-cards/activations/";
    body: GiftCardInput;
    answer: PaidTimeOutput;
  };
  /** 我邀请的好友 */
  get_invitees: {
    method: "GET";
    address: "/api/v1/invitations/";
    query?: {
      /** 上一页返回的 next_cursor；省略表示从头开始 */
      cursor?: string;
      /** 每页条数 */
      limit?: number;
    };
    answer: InviteePageOutput;
  };
  /** 我的邀请码 */
  get_invite: {
    method: "GET";
    address: "/api/v1/invitations/code/";
    answer: InviteOutput;
  };
  /** 邀请人 */
  get_inviter: {
    method: "GET";
    address: "/api/v1/inviters/{code}/";
    path: {
      code: string;
    };
    answer: InviterOutput;
  };
  /** 会员中心 */
  get_me: {
    method: "GET";
    address: "/api/v1/me/";
    answer: CentreOutput;
  };
  /** 修改会员资料 */
  patch_me: {
    method: "PATCH";
    address: "/api/v1/me/";
    body?: PatchedProfileInput;
    answer: CentreOutput;
  };
  /** 选用头像 */
  put_avatar: {
    method: "PUT";
    address: "/api/v1/me/avatar/";
    body: AvatarInput;
    answer: ProfileOutput;
  };
  /** 上传头像 */
  put_avatar_picture: {
    method: "PUT";
    address: "/api/v1/me/avatar/picture/";
    body: null;
    answer: ProfileOutput;
  };
  /** 个人资料 */
  get_profile: {
    method: "GET";
    address: "/api/v1/me/profile/";
    answer: ProfileOutput;
  };
  /** 我的付费会员 */
  get_membership: {
    method: "GET";
    address: "/api/v1/membership/";
    answer: MembershipOutput;
  };
  /** 已省明细 */
  get_savings: {
    method: "GET";
    address: "/api/v1/membership/savings/";
    query?: {
      /** 上一页返回的 next_cursor；省略表示从头开始 */
      cursor?: string;
      /** 每页条数 */
      limit?: number;
    };
    answer: SavingPage;
  };
  /** 站内消息 */
  get_messages: {
    method: "GET";
    address: "/api/v1/messages/";
    query?: {
      /** 上一页返回的 next_cursor；省略表示从头开始 */
      cursor?: string;
      /** 每页条数 */
      limit?: number;
    };
    answer: MessagePage;
  };
  /** 一条消息 */
  get_message: {
    method: "GET";
    address: "/api/v1/messages/{message_id}/";
    path: {
      message_id: number;
    };
    answer: MessageOutput;
  };
  /** 标为已读 */
  put_message_read: {
    method: "PUT";
    address: "/api/v1/messages/{message_id}/read/";
    path: {
      message_id: number;
    };
    answer: null;
  };
  /** 消息设置 */
  get_message_preferences: {
    method: "GET";
    address: "/api/v1/messages/preferences/";
    answer: PreferenceOutput[];
  };
  /** 修改消息设置 */
  put_message_preferences: {
    method: "PUT";
    address: "/api/v1/messages/preferences/";
    body: PreferenceInput;
    answer: PreferenceOutput[];
  };
  /** 全部已读 */
  put_messages_read: {
    method: "PUT";
    address: "/api/v1/messages/read/";
    answer: ReadOutput;
  };
  /** 订阅消息模板 */
  get_message_subscriptions: {
    method: "GET";
    address: "/api/v1/messages/subscriptions/";
    answer: SubscribeTemplateOutput[];
  };
  /** 上报订阅结果 */
  post_message_subscriptions: {
    method: "POST";
    address: "/api/v1/messages/subscriptions/";
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    body?: SubscriptionsInput;
    answer: null;
  };
  /** 未读消息数 */
  get_messages_unread: {
    method: "GET";
    address: "/api/v1/messages/unread/";
    answer: UnreadOutput;
  };
  /** 订单列表 */
  get_orders: {
    method: "GET";
    address: "/api/v1/orders/";
    query?: {
      /** 上一页返回的 next_cursor；省略表示从头开始 */
      cursor?: string;
      /** 每页条数 */
      limit?: number;
      /** 省略返回全部 */
      status?: "" | "created" | "paid" | "shipped" | "completed" | "cancelled" | "refunded";
    };
    answer: OrderPage;
  };
  /** 下单 */
  post_orders: {
    method: "POST";
    address: "/api/v1/orders/";
    headers: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key": string;
    };
    body: OrderInput;
    answer: PlacedOutput;
  };
  /** 订单详情 */
  get_order: {
    method: "GET";
    address: "/api/v1/orders/{number}/";
    path: {
      number: string;
    };
    answer: OrderDetailOutput;
  };
  /** 取消订单 */
  post_order_cancel: {
    method: "POST";
    address: "/api/v1/orders/{number}/cancel/";
    path: {
      number: string;
    };
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    answer: OrderDetailOutput;
  };
  /** 收银台 */
  get_cashier: {
    method: "GET";
    address: "/api/v1/orders/{number}/cashier/";
    path: {
      number: string;
    };
    answer: CashierOutput;
  };
  /** 确认收货 */
  post_order_receipt: {
    method: "POST";
    address: "/api/v1/orders/{number}/confirm-receipt/";
    path: {
      number: string;
    };
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    answer: OrderDetailOutput;
  };
  /** 试算退会费 */
  get_fee_refund: {
    method: "GET";
    address: "/api/v1/orders/{number}/fee-refund/";
    path: {
      number: string;
    };
    answer: FeePreviewOutput;
  };
  /** 退会费 */
  post_fee_refund: {
    method: "POST";
    address: "/api/v1/orders/{number}/fee-refund/";
    path: {
      number: string;
    };
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    body: FeeRefundInput;
    answer: FeeRefundOutput;
  };
  /** 发起支付 */
  post_payments: {
    method: "POST";
    address: "/api/v1/orders/{number}/payments/";
    path: {
      number: string;
    };
    headers: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key": string;
    };
    body: PaymentInput;
    answer: PaymentOutput;
  };
  /** 各状态订单数 */
  get_order_counts: {
    method: "GET";
    address: "/api/v1/orders/counts/";
    answer: OrderCountsOutput;
  };
  /** 页面组件 */
  get_page: {
    method: "GET";
    address: "/api/v1/pages/{page}/";
    path: {
      page: "home" | "member-centre";
    };
    headers?: {
      /** 上次应答的 ETag；没有变化时返回 304 */
      "If-None-Match"?: string;
    };
    answer: Block[];
  };
  /** 是否设置了密码 */
  get_password: {
    method: "GET";
    address: "/api/v1/password/";
    answer: PasswordOutput;
  };
  /** 设置或修改密码 */
  put_password: {
    method: "PUT";
    address: "/api/v1/password/";
    body: PasswordInput;
    answer: null;
  };
  /** 发送验证码到自己的手机 */
  post_password_codes: {
    method: "POST";
    address: "/api/v1/password/codes/";
    answer: null;
  };
  /** 取消密码 */
  post_password_removal: {
    method: "POST";
    address: "/api/v1/password/removal/";
    body: CodeInput;
    answer: null;
  };
  /** 沙箱支付 */
  post_sandbox_payment: {
    method: "POST";
    address: "/api/v1/payments/{out_trade_no}/sandbox/";
    path: {
      out_trade_no: string;
    };
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    answer: OutcomeOutput;
  };
  /** 会员套餐 */
  get_plans: {
    method: "GET";
    address: "/api/v1/plans/";
    answer: PlanListOutput;
  };
  /** 购买会员套餐 */
  post_plan_orders: {
    method: "POST";
    address: "/api/v1/plans/{plan_id}/orders/";
    path: {
      plan_id: number;
    };
    headers: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key": string;
    };
    body: PlanOrderInput;
    answer: PlacedOutput;
  };
  /** 开始试用 */
  post_trial: {
    method: "POST";
    address: "/api/v1/plans/{plan_id}/trial/";
    path: {
      plan_id: number;
    };
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    answer: PaidTimeOutput;
  };
  /** 积分明细 */
  get_entries: {
    method: "GET";
    address: "/api/v1/points/entries/";
    query?: {
      /** 上一页返回的 next_cursor；省略表示从头开始 */
      cursor?: string;
      /** 只看一种流水；省略返回全部 */
      direction?: "" | "all" | "earned" | "spent" | "lapsed";
      /** 每页条数 */
      limit?: number;
    };
    answer: EntryPage;
  };
  /** 积分流水详情 */
  get_entry: {
    method: "GET";
    address: "/api/v1/points/entries/{entry_id}/";
    path: {
      entry_id: number;
    };
    answer: EntryDetailOutput;
  };
  /** 一笔流水的发放凭证 */
  get_entry_receipt: {
    method: "GET";
    address: "/api/v1/points/entries/{entry_id}/receipt/";
    path: {
      entry_id: number;
    };
    answer: ReceiptOutput;
  };
  /** 即将到期的积分 */
  get_lapsing: {
    method: "GET";
    address: "/api/v1/points/lapsing/";
    answer: LapsingOutput;
  };
  /** 注销的后果与进度 */
  get_closing: {
    method: "GET";
    address: "/api/v1/privacy/closing/";
    answer: ClosingOutput;
  };
  /** 申请注销账号 */
  post_closing: {
    method: "POST";
    address: "/api/v1/privacy/closing/";
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    answer: ClosingOutput;
  };
  /** 撤销注销 */
  delete_closing: {
    method: "DELETE";
    address: "/api/v1/privacy/closing/";
    answer: null;
  };
  /** 同意隐私政策 */
  post_consent: {
    method: "POST";
    address: "/api/v1/privacy/consent/";
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    body: ConsentInput;
    answer: null;
  };
  /** 我的数据副本 */
  get_copies: {
    method: "GET";
    address: "/api/v1/privacy/copies/";
    answer: CopyOutput[];
  };
  /** 申请数据副本 */
  post_copies: {
    method: "POST";
    address: "/api/v1/privacy/copies/";
    headers?: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key"?: string;
    };
    answer: CopyOutput;
  };
  /** 下载数据副本 */
  get_copy: {
    method: "GET";
    address: "/api/v1/privacy/copies/{export_id}/";
    path: {
      export_id: number;
    };
    answer: null;
  };
  /** 隐私政策 */
  get_privacy_notice: {
    method: "GET";
    address: "/api/v1/privacy/notice/";
    answer: PrivacyNoticeOutput;
  };
  /** 商品列表 */
  get_products: {
    method: "GET";
    address: "/api/v1/products/";
    query?: {
      /** 分类代码 */
      category?: string;
      /** 上一页返回的 next_cursor；省略表示从头开始 */
      cursor?: string;
      /** 每页条数 */
      limit?: number;
      /** 能否用积分兑换 */
      redeemable?: boolean;
      /** 名称包含的词，空格分隔 */
      search?: string;
      /** 排序；省略为商家排序 */
      sort?: "" | "sales" | "price" | "-price" | "new";
    };
    headers?: {
      /** 上次应答的 ETag；没有变化时返回 304 */
      "If-None-Match"?: string;
    };
    answer: ProductPage;
  };
  /** 商品详情 */
  get_product: {
    method: "GET";
    address: "/api/v1/products/{product_id}/";
    path: {
      product_id: number;
    };
    headers?: {
      /** 上次应答的 ETag；没有变化时返回 304 */
      "If-None-Match"?: string;
    };
    answer: ProductDetailOutput;
  };
  /** 发放凭证 */
  get_receipt: {
    method: "GET";
    address: "/api/v1/receipts/{receipt_id}/";
    path: {
      receipt_id: number;
    };
    answer: ReceiptOutput;
  };
  /** 积分兑换 */
  post_redemptions: {
    method: "POST";
    address: "/api/v1/redemptions/";
    headers: {
      /** 同一个键重复提交只生效一次，并返回第一次的应答（24 小时内） */
      "Idempotency-Key": string;
    };
    body: RedemptionInput;
    answer: PlacedOutput;
  };
  /** 行政区划 */
  get_regions: {
    method: "GET";
    address: "/api/v1/regions/";
    query?: {
      /** 省或市的代码；省略返回所有省份 */
      parent?: string;
    };
    headers?: {
      /** 上次应答的 ETag；没有变化时返回 304 */
      "If-None-Match"?: string;
    };
    answer: RegionOutput[];
  };
  /** 积分商城列表 */
  get_rewards: {
    method: "GET";
    address: "/api/v1/rewards/";
    query?: {
      /** 上一页返回的 next_cursor；省略表示从头开始 */
      cursor?: string;
      /** 每页条数 */
      limit?: number;
    };
    headers?: {
      /** 上次应答的 ETag；没有变化时返回 304 */
      "If-None-Match"?: string;
    };
    answer: RewardPage;
  };
  /** 积分商品详情 */
  get_reward: {
    method: "GET";
    address: "/api/v1/rewards/{product_id}/";
    path: {
      product_id: number;
    };
    headers?: {
      /** 上次应答的 ETag；没有变化时返回 304 */
      "If-None-Match"?: string;
    };
    answer: RewardDetailOutput;
  };
  /** 微信小程序登录 */
  post_mini_program_session: {
    method: "POST";
    address: "/api/v1/sessions/mini-program/";
    body: MiniProgramInput;
    answer: MiniProgramOutput;
  };
  /** 用微信手机号完成登录 */
  post_mini_program_phone: {
    method: "POST";
    address: "/api/v1/sessions/mini-program/phone/";
    body: PhoneButtonInput;
    answer: LoginOutput;
  };
  /** 获取分享链接 */
  post_shares: {
    method: "POST";
    address: "/api/v1/shares/";
    body: ShareInput;
    answer: ShareOutput;
  };
  /** 打开分享链接 */
  post_share_visits: {
    method: "POST";
    address: "/api/v1/shares/{code}/visits/";
    path: {
      code: string;
    };
    body: VisitInput;
    answer: VisitOutput;
  };
  /** 等级与权益 */
  get_tiers: {
    method: "GET";
    address: "/api/v1/tiers/";
    headers?: {
      /** 上次应答的 ETag；没有变化时返回 304 */
      "If-None-Match"?: string;
    };
    answer: TierOutput[];
  };
  /** 会员码 */
  get_till_code: {
    method: "GET";
    address: "/api/v1/till-code/";
    answer: TillCodeOutput;
  };
}
